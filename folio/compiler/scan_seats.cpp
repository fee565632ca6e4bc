// Where the values of a scan's body lie: what need not be copied is read and written in place.
#include <algorithm>

#include "folio/compiler/scan_body.h"
#include "folio/ops/added_matmul.h"
#include "folio/ops/slice.h"

namespace folio {
namespace {

class Seating {
 public:
  Seating(const Program& body, const ScanOperands& operands, bool by_rows)
      : body_(body), operands_(operands), by_rows_(by_rows) {
    seats_.of.resize(body.values.size());
    seats_.vanishes.resize(body.nodes.size(), 0);
    seats_.copied.resize(body.nodes.size());
  }

  Seats run() {
    find_readers();
    for (size_t n = 0; n < body_.nodes.size(); ++n) {
      if (body_.is_alias(body_.nodes[n]) || (by_rows_ && joins_columns(body_.nodes[n])))
        seats_.vanishes[n] = 1;
      if (dynamic_cast<const AddedMatMulOp*>(body_.nodes[n].op.get()))
        seat(body_.nodes[n].out[0], Seat::Kind::part, written_value(body_, body_.nodes[n].in[2]), 0);
    }
    // What reads the parts stands behind the split.
    for (size_t n = body_.nodes.size(); n-- > 0;) seat_split(n);
    if (!by_rows_) return std::move(seats_);
    seat_outputs();
    for (size_t n = 0; n < body_.nodes.size(); ++n)
      if (joins_columns(body_.nodes[n])) seat_joined(n);
    for (size_t i = operands_.states; i < operands_.states + operands_.slices; ++i)
      if (const int id = body_.inputs[i]; read_apart(id)) seat(id, Seat::Kind::sequence, i, 0);
    return std::move(seats_);
  }

 private:
  const Shape& shape(int id) const { return body_.values[id].type.shape; }
  int64_t bytes(int id, int64_t columns) const { return columns * size_of(body_.values[id].type.dtype); }

  // Who reads what was written, and what has to lie together because somebody sees other rows in it.
  void find_readers() {
    readers_.resize(body_.values.size());
    together_.resize(body_.values.size(), 0);
    for (size_t n = 0; n < body_.nodes.size(); ++n) {
      if (body_.is_alias(body_.nodes[n])) continue;
      for (int id : body_.nodes[n].in) {
        const int root = written_value(body_, id);
        readers_[root].push_back(static_cast<int>(n));
        if (!same_rows(id, root)) together_[root] = 1;
      }
    }
    for (int id : body_.outputs)
      if (const int root = written_value(body_, id); !same_rows(id, root)) together_[root] = 1;
  }
  bool same_rows(int a, int b) const {
    return shape(a).rank() > 0 && shape(b).rank() > 0 && shape(a)[0] == shape(b)[0];
  }

  // True when there may be room between the rows of what was written.
  bool read_apart(int value) const {
    return !together_[value] && std::all_of(readers_[value].begin(), readers_[value].end(), [&](int n) {
      return seats_.vanishes[n] || reads_apart(body_.nodes[n].node);
    });
  }
  // What can be written elsewhere: the value or, where products were added to it, the first of these. Else
  // -1.
  int movable(int id) const {
    int value = written_value(body_, id);
    if (!same_rows(id, value) || !read_apart(value)) return -1;
    while (seats_.of[value].kind == Seat::Kind::part && body_.values[value].producer >= 0 &&
           dynamic_cast<const AddedMatMulOp*>(body_.nodes[body_.values[value].producer].op.get()))
      value = static_cast<int>(seats_.of[value].of);
    const int producer = body_.values[value].producer;
    if (seats_.of[value].kind != Seat::Kind::own || producer < 0 || !read_apart(value)) return -1;
    return seats_.vanishes[producer] || reads_apart(body_.nodes[producer].node) ? value : -1;
  }
  void seat(int value, Seat::Kind kind, int64_t of, int64_t offset) { seats_.of[value] = {kind, of, offset}; }

  void seat_split(size_t n) {
    const ProgramNode& node = body_.nodes[n];
    const auto* split = dynamic_cast<const SplitOp*>(node.op.get());
    const auto* slice = dynamic_cast<const SliceOp*>(node.op.get());
    if (!split && !slice) return;
    const int from = written_value(body_, node.in[0]), rank = shape(from).rank();
    if (shape(from) != shape(node.in[0]) || (split ? split->axis() : slice->axis()) != rank - 1) return;
    // A vector's parts lie together in any case; what has rows must be read with room between them.
    const bool vector = rank == 1 && body_.values[from].producer < 0 &&
                        body_.values[from].kind != ProgramValue::Kind::computed && !varies(from);
    if (!vector && !(by_rows_ && rank == 2)) return;
    if (!vector)
      for (int id : node.out)
        if (!read_apart(id)) return;
    seats_.vanishes[n] = 1;
    int64_t column = slice ? slice->first() : 0;
    for (int id : node.out) {
      seat(id, Seat::Kind::part, from, bytes(id, column));
      column += shape(id)[-1];
    }
  }
  // States and slices change from step to step.
  bool varies(int id) const {
    const ProgramValue& value = body_.values[id];
    return value.input >= 0 && value.input < static_cast<int>(operands_.states + operands_.slices);
  }

  // True when columns of a matrix are put together from those of others.
  bool joins_columns(const ProgramNode& node) const {
    if (node.node.outputs[0].shape.rank() != 2) return false;
    if (const auto* join = dynamic_cast<const ConcatenateOp*>(node.op.get())) return join->axis() == 1;
    const auto* gradient = dynamic_cast<const SliceGradientOp*>(node.op.get());
    if (!gradient) return false;
    int64_t column = 0;
    for (size_t i = 0; i < node.in.size(); ++i) {
      if (gradient->places()[i].axis != 1 || gradient->places()[i].first != column) return false;
      column += shape(node.in[i])[1];
    }
    return column == node.node.outputs[0].shape[1];
  }
  void seat_joined(size_t n) {
    const ProgramNode& node = body_.nodes[n];
    int64_t column = 0;
    for (size_t i = 0; i < node.in.size(); ++i) {
      const int value = movable(node.in[i]);
      if (value >= 0 && shape(value) == shape(node.in[i]))
        seat(value, Seat::Kind::part, node.out[0], bytes(node.out[0], column));
      else
        seats_.copied[n].push_back(static_cast<int>(i));
      column += shape(node.in[i])[1];
    }
  }

  void seat_outputs() {
    for (size_t i = operands_.states; i < operands_.results; ++i)
      if (const int value = movable(body_.outputs[i]); value >= 0)
        seat(value, Seat::Kind::sequence, static_cast<int64_t>(operands_.inputs + i), 0);
  }

  const Program& body_;
  const ScanOperands& operands_;
  bool by_rows_;
  Seats seats_;
  std::vector<std::vector<int>> readers_;  ///< by written value: nodes
  std::vector<char> together_;             ///< by written value
};

}  // namespace

int written_value(const Program& program, int value) {
  while (program.values[value].producer >= 0 &&
         program.is_alias(program.nodes[program.values[value].producer]))
    value = program.nodes[program.values[value].producer].in[0];
  return value;
}

int Seats::home(const Program& body, int value) const {
  value = written_value(body, value);
  while (of[value].kind == Seat::Kind::part) value = written_value(body, static_cast<int>(of[value].of));
  return value;
}

Seats seat_values(const Program& body, const ScanOperands& operands, bool by_rows) {
  return Seating(body, operands, by_rows).run();
}

}  // namespace folio
