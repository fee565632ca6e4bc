// The gradient of a scan is a scan the other way. Its states are the gradients of the states; it reads what
// the steps have computed, kept as further outputs by a scan that extends the given one.
#include <algorithm>
#include <unordered_set>

#include "folio/base/error.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/gather.h"
#include "folio/ops/gradients.h"
#include "folio/ops/matmul.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "folio/ops/scan.h"
#include "folio/ops/slice.h"

namespace folio {
namespace {

Value zeros(const TensorType& type) { return broadcast_to(constant(0, type.dtype), type.shape); }

bool contains(const Values& values, const Value& value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

/// One step's part of a shared value's gradient that is a sum over rows: matrices' and biases' gradients are.
struct Term {
  RowSum sum;
  std::vector<std::shared_ptr<const Op>> reshapes;  ///< of the sum, innermost first

  static bool sums_rows(const Node& node) {
    if (const auto* product = dynamic_cast<const MatMulOp*>(node.op.get()))
      return product->transpose_a() && !product->transpose_b() && node.outputs[0].shape.rank() == 2;
    if (const auto* sum = dynamic_cast<const SumOp*>(node.op.get())) return sum->reduces(0);
    return dynamic_cast<const ScatterAddOp*>(node.op.get()) != nullptr;
  }
  /// True where the sum stays in cache while the steps add to it; a larger one is better taken at the end,
  /// over all rows of all steps at once.
  bool is_small() const {
    constexpr int64_t kMostElements = 96 << 10;
    const Shape shape = sum.type().shape;
    const auto* columns = dynamic_cast<const SumOp*>(sum.op.get());
    return shape.known() && shape.count() <= kMostElements &&
           (columns ? columns->axes() == std::vector<int>{0}
                    : dynamic_cast<const MatMulOp*>(sum.op.get()) != nullptr);
  }
  /// `sequences`: (batch, time, …) of each operand.
  Value over_sequences(const Values& sequences) const {
    Values rows;
    for (const Value& sequence : sequences)
      rows.push_back(reshape(sequence, Shape{kUnknown}.joined(sequence.shape().from(2))));
    return apply_one(sum.op, rows);
  }
  Value reshaped(Value value) const {
    for (auto it = reshapes.rbegin(); it != reshapes.rend(); ++it) value = apply_one(*it, {value});
    return value;
  }
};

class ScanGradient {
 public:
  ScanGradient(std::shared_ptr<const ScanOp> op, const GradientContext& g)
      : op_(std::move(op)),
        body_(op_->body()),
        g_(g),
        states_(body_.states.size()),
        sequences_(body_.slices.size()) {}

  Values run() {
    differentiate();
    collect_terms();
    find_border();
    keep_border();
    return assemble();
  }

 private:
  // The gradients of a step's inputs, given those of its results.
  void differentiate() {
    Values results, seeds;
    for (size_t i = 0; i < states_; ++i) {
      d_states_.emplace_back();
      if (!is_floating(body_.states[i].dtype())) continue;
      d_states_.back() = input(body_.states[i].shape(), body_.states[i].dtype(), "state's gradient");
      results.push_back(body_.new_states[i]);
      seeds.push_back(d_states_.back());
    }
    for (size_t i = 0; i < body_.outputs.size(); ++i) {
      if (!g_.output_gradients[states_ + i].defined()) continue;
      const Value& output = body_.outputs[i];
      slices_.push_back(input(output.shape(), output.dtype(), "output's gradient"));
      slice_sequences_.push_back(g_.output_gradients[states_ + i]);
      results.push_back(output);
      seeds.push_back(slices_.back());
    }
    for (size_t i = 0; i < body_.sums.size(); ++i) {
      const Value& seed = g_.output_gradients[states_ + body_.outputs.size() + i];
      if (!seed.defined()) continue;
      results.push_back(apply_one(body_.sums[i].op, body_.sums[i].operands));
      seeds.push_back(seed);  // the same at every step
    }
    slopes_ = gradients(results, seeds, body_.inputs());
    for (size_t i = 0; i < states_; ++i)
      if (d_states_[i].defined() && !slopes_[i].defined()) slopes_[i] = zeros(body_.states[i].type());
    for (const auto& node : nodes_of(body_.results())) forward_.insert(node.get());
    for (const Value& value : body_.inputs()) forward_.insert(&value.node());
  }

  bool is_forward(const Value& value) const {
    return forward_.count(&value.node()) && !op_cast<ConstantOp>(value);
  }
  bool wanted(size_t input) const {
    return slopes_[input].defined() && (g_.wanted.empty() || g_.wanted[input]);
  }

  // Takes the gradients of shared values apart into sums over rows, which can wait until all steps are done,
  // and the rest, which is added up step by step.
  void collect_terms() {
    terms_.resize(body_.shared.size());
    rests_.resize(body_.shared.size());
    for (size_t i = 0; i < body_.shared.size(); ++i)
      if (wanted(states_ + sequences_ + i)) take_apart(slopes_[states_ + sequences_ + i], {}, i);
  }
  void take_apart(const Value& value, std::vector<std::shared_ptr<const Op>> reshapes, size_t shared) {
    const Node& node = value.node();
    if (!is_forward(value) && node.op->name() == "Add" && node.inputs[0].shape() == node.inputs[1].shape()) {
      for (const Value& part : node.inputs) take_apart(part, reshapes, shared);
    } else if (!is_forward(value) && op_cast<ReshapeOp>(value)) {
      reshapes.push_back(node.op);
      take_apart(node.inputs[0], std::move(reshapes), shared);
    } else if (!is_forward(value) && Term::sums_rows(node) && operands_are_steps(node)) {
      terms_[shared].push_back({{node.op, node.inputs}, std::move(reshapes)});
    } else {
      Value rest = value;
      for (auto it = reshapes.rbegin(); it != reshapes.rend(); ++it) rest = apply_one(*it, {rest});
      rests_[shared] = rests_[shared].defined() ? rests_[shared] + rest : rest;
    }
  }
  // True where the steps add to a sum: where rows of the batch stay apart otherwise, so that each thread can
  // add up those of its own rows.
  bool within(const Term& term) const {
    return term.is_small() && op_->rows(g_.node).apart &&
           std::none_of(rests_.begin(), rests_.end(), [](const Value& rest) { return rest.defined(); });
  }
  // What is the same at every step stands for one sum only.
  bool operands_are_steps(const Node& node) const {
    for (const Value& value : node.inputs)
      if (contains(body_.shared, value) || op_cast<ConstantOp>(value)) return false;
    return true;
  }

  // Which values of the forward step the gradient reads.
  void find_border() {
    std::unordered_set<const Node*> seen;
    Values stack;
    const auto visit = [&](const Value& value, bool pinned) {
      if (is_forward(value)) {
        if (!contains(border_, value)) border_.push_back(value);
        if (pinned && !contains(pinned_, value)) pinned_.push_back(value);
      } else if (seen.insert(&value.node()).second) {
        stack.push_back(value);
      }
    };
    for (size_t i = 0; i < states_ + sequences_; ++i)
      if (slopes_[i].defined() && (i < states_ || wanted(i))) visit(slopes_[i], false);
    for (size_t i = 0; i < terms_.size(); ++i) {
      for (const Term& term : terms_[i])
        for (const Value& operand : term.sum.operands) visit(operand, !within(term));
      if (rests_[i].defined()) visit(rests_[i], false);
    }
    while (!stack.empty()) {
      const Value value = stack.back();
      stack.pop_back();
      for (const Value& input : value.node().inputs) visit(input, false);
    }
  }

  bool is_input(const Value& value) const {
    return contains(body_.slices, value) || contains(body_.shared, value);
  }
  // Cheaply had from what is at hand anyway.
  bool recomputed(const Value& value) const {
    const Node& node = value.node();
    if (node.inputs.empty() || contains(pinned_, value) || contains(body_.outputs, value)) return false;
    if (!cheap(*node.op) && !op_cast<ReshapeOp>(value)) return false;
    return std::all_of(node.inputs.begin(), node.inputs.end(), [&](const Value& input) {
      return op_cast<ConstantOp>(input) || is_input(input) || contains(border_, input);
    });
  }

  // Where the sequence of each value of the border comes from: the scan's inputs and outputs, or outputs
  // added to it.
  void keep_border() {
    ScanBody extended = body_;
    Values again, kept;
    for (const Value& value : border_) (recomputed(value) ? again : kept).push_back(value);
    for (const Value& value : again)
      for (const Value& input : value.node().inputs)
        if (is_forward(input) && !contains(kept, input) && !contains(again, input)) kept.push_back(input);
    Values together;
    for (const Value& value : kept)
      if (!is_input(value) && !contains(body_.outputs, value))
        (can_lie_together(value) ? together : extended.outputs).push_back(value);
    if (!together.empty()) extended.outputs.push_back(concatenate(together));
    Values outputs = g_.outputs;
    if (extended.outputs.size() > body_.outputs.size())
      outputs = folio::apply(std::make_shared<ScanOp>(extended, op_->reverse(), op_), g_.inputs);
    if (!together.empty())
      add_slices(together, extended.outputs.back(), outputs[states_ + extended.outputs.size() - 1]);
    for (const Value& value : kept) {
      if (contains(together, value)) continue;
      const auto place = [&](const Values& in) {
        return static_cast<size_t>(std::find(in.begin(), in.end(), value) - in.begin());
      };
      if (const size_t at = place(body_.shared); at < body_.shared.size()) {
        replaced_[key_of(value)] = g_.inputs[states_ + sequences_ + at];
        continue;
      }
      const size_t at = place(body_.slices);
      add_slice(value,
                at < sequences_ ? g_.inputs[states_ + at] : outputs[states_ + place(extended.outputs)]);
    }
  }
  // What only the steps of the way back read lies side by side, so that a step's values are one run of
  // memory.
  bool can_lie_together(const Value& value) const {
    return value.rank() == 2 && value.shape()[1] != kUnknown && is_floating(value.dtype()) &&
           value.dtype() == body_.results()[0].dtype() && !contains(pinned_, value);
  }
  void add_slices(const Values& values, const Value& whole, const Value& sequence) {
    slices_.push_back(input(whole.shape(), whole.dtype(), "kept"));
    slice_sequences_.push_back(sequence);
    std::vector<int64_t> sizes;
    for (const Value& value : values) sizes.push_back(value.shape()[1]);
    const Values parts = split(slices_.back(), sizes);
    for (size_t i = 0; i < values.size(); ++i) replaced_[key_of(values[i])] = parts[i];
  }
  void add_slice(const Value& value, const Value& sequence) {
    slices_.push_back(input(value.shape(), value.dtype(), "kept"));
    slice_sequences_.push_back(sequence);
    replaced_[key_of(value)] = slices_.back();
    sequence_of_[key_of(value)] = sequence;
  }

  // The scan the other way, and sums over all its steps.
  Values assemble() {
    ScanBody open;
    Values first;
    const auto add_state = [&](const Value& before, const Value& after, const Value& begin) {
      open.states.push_back(before);
      open.new_states.push_back(after);
      first.push_back(begin);
    };
    for (size_t i = 0; i < states_; ++i)
      if (d_states_[i].defined())
        add_state(d_states_[i], slopes_[i],
                  g_.output_gradients[i].defined() ? g_.output_gradients[i] : zeros(d_states_[i].type()));
    const size_t gradient_states = open.states.size();
    for (const Value& rest : rests_)
      if (rest.defined()) {
        const Value sum = input(rest.shape(), rest.dtype(), "sum");
        add_state(sum, sum + rest, zeros(rest.type()));
      }
    for (size_t i = 0; i < sequences_; ++i)
      if (wanted(states_ + i)) add_output(open, slopes_[states_ + i]);
    for (const auto& terms : terms_)
      for (const Term& term : terms) {
        if (within(term)) open.sums.push_back(term.sum);
        for (const Value& operand : within(term) ? Values{} : term.sum.operands)
          if (!sequence_of_.count(key_of(operand))) add_output(open, operand);
      }
    const Values given = open.outputs;
    open.slices = slices_;
    open.replace(replaced_);
    ClosedBody closed = close_body(std::move(open));

    Values inputs = std::move(first);
    inputs.insert(inputs.end(), slice_sequences_.begin(), slice_sequences_.end());
    inputs.insert(inputs.end(), closed.shared.begin(), closed.shared.end());
    const size_t all_states = closed.body.states.size();
    const Values made =
        folio::apply(std::make_shared<ScanOp>(std::move(closed.body), !op_->reverse()), inputs);
    for (size_t i = 0; i < given.size(); ++i) sequence_of_[key_of(given[i])] = made[all_states + i];
    return results(made, gradient_states, all_states + given.size());
  }
  static void add_output(ScanBody& body, const Value& value) {
    if (!contains(body.outputs, value)) body.outputs.push_back(value);
  }

  Values results(const Values& made, size_t gradient_states, size_t first_sum) const {
    Values result(g_.inputs.size());
    size_t at = 0, rest = gradient_states, next_sum = first_sum;
    for (size_t i = 0; i < states_; ++i)
      if (d_states_[i].defined()) result[i] = made[at++];
    for (size_t i = states_; i < states_ + sequences_; ++i)
      if (wanted(i)) result[i] = sequence_of_.at(key_of(slopes_[i]));
    for (size_t i = 0; i < terms_.size(); ++i) {
      Value& sum = result[states_ + sequences_ + i];
      if (rests_[i].defined()) sum = made[rest++];
      for (const Term& term : terms_[i]) {
        Values operands;
        for (const Value& operand : within(term) ? Values{} : term.sum.operands)
          operands.push_back(sequence_of_.at(key_of(operand)));
        const Value part = term.reshaped(within(term) ? made[next_sum++] : term.over_sequences(operands));
        sum = sum.defined() ? sum + part : part;
      }
    }
    return result;
  }

  std::shared_ptr<const ScanOp> op_;
  const ScanBody& body_;
  const GradientContext& g_;
  size_t states_, sequences_;
  Values d_states_;  ///< stand for the gradients of new states; undefined for whole numbers
  Values slopes_;    ///< by input of the body
  std::unordered_set<const Node*> forward_;
  std::vector<std::vector<Term>> terms_;  ///< by shared value
  Values rests_;
  Values border_, pinned_;
  Values slices_, slice_sequences_;  ///< of the scan the other way
  ValueMap replaced_;                ///< values of the forward step by what stands for them
  ValueMap sequence_of_;             ///< values of a step, of either way, by their sequences
};

}  // namespace

Values ScanOp::gradient(const GradientContext& g) const {
  return ScanGradient(std::dynamic_pointer_cast<const ScanOp>(g.node.op), g).run();
}

}  // namespace folio
