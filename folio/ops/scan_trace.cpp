// From a function of one step to a scan.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "folio/base/error.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/matmul.h"
#include "folio/ops/reshape.h"
#include "folio/ops/scan.h"

namespace folio {
namespace {

bool is_zero(const Value& value) {
  if (op_cast<BroadcastOp>(value) || op_cast<ReshapeOp>(value)) return is_zero(value.node().inputs[0]);
  const auto* constant = op_cast<ConstantOp>(value);
  if (!constant) return false;
  for (int64_t i = 0; i < constant->tensor().count(); ++i)
    if (constant->tensor().at(i) != 0) return false;
  return true;
}

Values steps_of(const Values& sequences) {
  Values result;
  for (const Value& sequence : sequences)
    result.push_back(input(sequence.shape().without(1), sequence.dtype(), "step"));
  return result;
}

void check_sequences(const Values& sequences) {
  if (sequences.empty())
    throw Error("scan: expected at least one sequence, which tells how many steps there are");
  const Shape& first = sequences[0].shape();
  for (const Value& sequence : sequences) {
    const Shape& shape = sequence.shape();
    if (shape.rank() < 2) throw Error("scan: expected sequences (batch, time, ...), got " + to_string(shape));
    if (!compatible({shape[0], shape[1]}, {first[0], first[1]}))
      throw Error("scan: sequences " + to_string(first) + " and " + to_string(shape) +
                  " differ in batch or time");
  }
}

void check_step(const ScanBody& body) {
  if (body.new_states.size() != body.states.size())
    throw Error(fmt::format("scan: there are {} states, but a step returns {}", body.states.size(),
                            body.new_states.size()));
  for (size_t i = 0; i < body.states.size(); ++i) {
    const TensorType &before = body.states[i].type(), &after = body.new_states[i].type();
    if (before.dtype != after.dtype || !compatible(before.shape, after.shape))
      throw Error(fmt::format("scan: state {} is {} before a step and {} behind it; both must be the same", i,
                              to_string(before), to_string(after)));
  }
  for (const Value& output : body.outputs)
    if (output.rank() == 0 || !compatible({output.shape()[0]}, {body.slices[0].shape()[0]}))
      throw Error("scan: expected a step's outputs to be (batch, ...), got " + to_string(output.shape()) +
                  " where the step's input is " + to_string(body.slices[0].shape()));
}

/// A step under construction, with the values outside that it starts from.
struct Scanned {
  ScanBody body;
  Values initial_states, sequences;

  // Where the mask is 0, states stay as they are, and outputs are zeros or those of the step before.
  void mask(const Value& mask, bool zero_outputs) {
    const auto add_sequence = [&](const Value& sequence) {
      sequences.push_back(sequence);
      body.slices.push_back(steps_of({sequence})[0]);
    };
    const Values results = body.results();
    if (results.empty()) return;
    add_sequence(cast(mask, results[0].dtype()));  // for all steps at once
    const Value kept = body.slices.back();
    const auto choose = [&](const Value& now, const Value& otherwise) {
      Shape shape(std::vector<int64_t>(static_cast<size_t>(now.rank()), 1));
      shape[0] = kUnknown;
      return select(cast(reshape(kept, shape), now.dtype()), now, otherwise);
    };
    const Values states = body.new_states;
    for (size_t i = 0; i < states.size(); ++i) body.new_states[i] = choose(states[i], body.states[i]);
    for (Value& output : body.outputs) {
      if (zero_outputs) {
        output = choose(output, constant(0, output.dtype()));
        continue;
      }
      // An output that is a state, zeros at first, is remembered as such.
      size_t same = 0;
      while (same < states.size() && !(states[same] == output && is_zero(initial_states[same]))) ++same;
      if (same == states.size()) {
        const TensorType type = output.type();
        body.states.push_back(input(type.shape, type.dtype, "output before"));
        initial_states.push_back(broadcast_to(constant(0, type.dtype), type.shape));
        body.new_states.push_back(choose(output, body.states.back()));
        output = body.new_states.back();
      } else {
        output = body.new_states[same];
      }
    }
  }
};

size_t place_of(const Values& values, const Value& value) {
  return static_cast<size_t>(std::find(values.begin(), values.end(), value) - values.begin());
}

// A product of a step's input and a shared matrix needs no state. A few rows use a matrix that is in cache
// badly, so that it is computed for all steps at once; with more rows it would only be written and read
// again.
constexpr int64_t kEnoughRows = 12;

void hoist_products(ClosedBody& closed, Values& sequences) {
  ScanBody& body = closed.body;
  if (const int64_t batch = sequences[0].shape()[0]; batch == kUnknown || batch >= kEnoughRows) return;
  ValueMap hoisted;
  for (const auto& node : nodes_of(body.results())) {
    const auto* product = dynamic_cast<const MatMulOp*>(node->op.get());
    if (!product || product->transpose_a() || node->outputs[0].shape.rank() != 2) continue;
    const size_t sequence = place_of(body.slices, node->inputs[0]),
                 matrix = place_of(body.shared, node->inputs[1]);
    if (sequence == body.slices.size() || matrix == body.shared.size()) continue;
    sequences.push_back(matmul(sequences[sequence], closed.shared[matrix], false, product->transpose_b()));
    body.slices.push_back(steps_of({sequences.back()})[0]);
    hoisted[{node.get(), 0}] = body.slices.back();
  }
  body.replace(hoisted);
}

// Leaves out what no step reads; one sequence stays, which tells the number of steps.
void drop_unread(ClosedBody& closed, Values& sequences) {
  std::set<ValueKey> read;
  for (const Value& result : closed.body.results()) read.insert(key_of(result));
  for (const auto& node : nodes_of(closed.body.results()))
    for (const Value& value : node->inputs) read.insert(key_of(value));
  const auto keep = [&](Values& inside, Values& outside, size_t least) {
    Values in, out;
    for (size_t i = 0; i < inside.size(); ++i)
      if (read.count(key_of(inside[i])) || inside.size() - i + in.size() <= least)
        in.push_back(inside[i]), out.push_back(outside[i]);
    inside = std::move(in), outside = std::move(out);
  };
  keep(closed.body.slices, sequences, 1);
  keep(closed.body.shared, closed.shared, 0);
}

}  // namespace

ScanValues scan(const ScanStep& step, const Values& initial_states, const Values& sequences,
                const ScanOptions& options) {
  check_sequences(sequences);
  Scanned scanned{{}, initial_states, sequences};
  ScanBody& body = scanned.body;
  for (const Value& state : initial_states)
    body.states.push_back(input(state.shape(), state.dtype(), "state"));
  body.slices = steps_of(sequences);
  ScanValues made = step(body.states, body.slices);
  body.new_states = std::move(made.states);
  body.outputs = std::move(made.outputs);
  check_step(body);
  if (options.mask.defined()) {
    Values all = sequences;
    all.push_back(options.mask);
    check_sequences(all);
    if (options.mask.rank() != 2)
      throw Error("scan: expected a mask (batch, time), got " + to_string(options.mask.shape()));
    scanned.mask(options.mask, options.zero_output_for_mask);
  }
  ClosedBody closed = close_body(std::move(body));
  hoist_products(closed, scanned.sequences);
  drop_unread(closed, scanned.sequences);

  Values inputs = scanned.initial_states;
  inputs.insert(inputs.end(), scanned.sequences.begin(), scanned.sequences.end());
  inputs.insert(inputs.end(), closed.shared.begin(), closed.shared.end());
  const size_t all_states = closed.body.states.size();
  const Values results =
      folio::apply(std::make_shared<ScanOp>(std::move(closed.body), options.reverse), std::move(inputs));
  const auto split = results.begin() + static_cast<std::ptrdiff_t>(all_states);
  return {{results.begin(), results.begin() + static_cast<std::ptrdiff_t>(initial_states.size())},
          {split, results.end()}};
}

}  // namespace folio
