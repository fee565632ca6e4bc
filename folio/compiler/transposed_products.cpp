// Products read the values that were transposed or stretched for them, and write what would be transposed
// behind them, where these lie: attention over heads needs no copy of anything.
#include <numeric>

#include "folio/compiler/passes.h"
#include "folio/ops/matmul.h"
#include "folio/ops/reshape.h"
#include "folio/ops/transpose.h"
#include "folio/ops/transposed_matmul.h"

namespace folio {
namespace {

using AxisOrder = TransposedMatMulOp::Order;

/// A value and the order in which its dimensions are read.
struct Source {
  int value;
  AxisOrder order;
};

// The first dimension stays, because it is rows of the batch; and one dimension of the matrices lies together
// in memory, without which a copy reads faster.
bool readable(const AxisOrder& order) {
  const int last = static_cast<int>(order.size()) - 1;
  return order[0] == 0 && (order[last] == last || order[last - 1] == last);
}

// The same of a product that is written in `order`: one dimension of the matrices must come last in memory.
bool writable(const AxisOrder& order) {
  return order[0] == 0 && order.back() >= static_cast<int>(order.size()) - 2;
}

// Only dimensions in front of the matrices may stretch.
bool stretches_batch(const Shape& from, const Shape& to, const AxisOrder& order) {
  if (from.rank() != to.rank()) return false;
  const size_t matrix = order.size() - 2;
  for (size_t i = matrix; i < order.size(); ++i)
    if (from[order[i]] != to[order[i]]) return false;
  return true;
}

// Goes back over transposes and stretching.
Source source_of(const Program& program, int value, bool transposed) {
  Source source{value, AxisOrder(static_cast<size_t>(program.values[value].type.shape.rank()))};
  std::iota(source.order.begin(), source.order.end(), 0);
  if (transposed) std::swap(source.order.back(), source.order[source.order.size() - 2]);
  AxisOrder order = source.order;
  for (int at = value; program.values[at].producer >= 0;) {
    const ProgramNode& node = program.nodes[program.values[at].producer];
    if (const auto* op = dynamic_cast<const TransposeOp*>(node.op.get()))
      for (int& axis : order) axis = op->order()[static_cast<size_t>(axis)];
    else if (!dynamic_cast<const BroadcastOp*>(node.op.get()) ||
             !stretches_batch(program.values[node.in[0]].type.shape, program.values[at].type.shape, order))
      break;
    at = node.in[0];
    if (readable(order)) source = {at, order};
  }
  return source;
}

}  // namespace

void read_transposed(Program& program) {
  const auto users = program.users();
  std::vector<char> kept(program.values.size(), 0);
  for (int id : program.outputs) kept[id] = 1;
  for (const auto& update : program.updates) kept[update.second] = 1;
  for (size_t n = 0; n < program.nodes.size(); ++n) {
    const auto* op = dynamic_cast<const MatMulOp*>(program.nodes[n].op.get());
    const int product = program.nodes[n].out[0];
    if (!op || program.values[product].type.dtype != DType::float32 ||
        program.values[product].type.shape.rank() < 3)
      continue;
    const std::vector<int> in = program.nodes[n].in;
    const Source a = source_of(program, in[0], op->transpose_a()),
                 b = source_of(program, in[1], op->transpose_b());
    // What the product's only user makes of it.
    AxisOrder order(a.order.size());
    std::iota(order.begin(), order.end(), 0);
    size_t last = n;
    if (users[product].size() == 1 && !kept[product])
      if (const auto user = static_cast<size_t>(users[product][0]);
          const auto* after = dynamic_cast<const TransposeOp*>(program.nodes[user].op.get()))
        if (writable(after->order())) order = after->order(), last = user;
    if (last == n && a.value == in[0] && b.value == in[1]) continue;
    ProgramNode& node = program.nodes[last];
    const auto whole = std::make_shared<TransposedMatMulOp>(a.order, b.order, order);
    // Where both were stretched the result would be too small.
    if (whole->infer({program.values[a.value].type, program.values[b.value].type})[0] != node.node.outputs[0])
      continue;
    node.op = whole;
    node.in = {a.value, b.value};
    program.refresh(node);
  }
}

}  // namespace folio
