#include "folio/layers/recurrent/rnn.h"

#include <fmt/format.h>

#include <algorithm>

#include "folio/layers/catalog.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/layers/recurrent/rnn_body.h"
#include "folio/layers/recurrent/stacked_rnn_cells.h"
#include "folio/layers/weight_limit.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/flip.h"
#include "folio/ops/reshape.h"
#include "folio/ops/scan.h"
#include "folio/ops/slice.h"

namespace folio {
namespace {

Shape step_of(const Shape& sequence) { return sequence.without(1); }

Values placeholders(const Values& values, bool steps) {
  Values result;
  for (const Value& value : values)
    result.push_back(input(steps ? step_of(value.shape()) : value.shape(), value.dtype(), "step"));
  return result;
}

// Where the mask of the last step is 0, zeros.
Value zero_where_masked(const Value& output, const Value& mask, bool backwards) {
  const int64_t time = mask.shape()[1];
  if (time == kUnknown) return output;
  Shape shape(std::vector<int64_t>(static_cast<size_t>(output.rank()), 1));
  shape[0] = output.shape()[0];
  const Value counts = cast(slice(mask, 1, backwards ? 0 : time - 1, 1), output.dtype());
  return select(reshape(counts, shape), output, constant(0, output.dtype()));
}

}  // namespace

Values RnnBody::compute_masks(const Values&, const Values& masks) const {
  return options_.return_sequences && !masks.empty() ? Values{masks[0]} : Values{};
}

std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> RnnBody::children() const {
  if (!cell_.defined()) return {};
  return {{"cell", cell_.handle()}};
}

void RnnBody::check(const Shape& shape) const {
  if (shape.rank() < 3)
    throw Error("expects at least 3 dimensions (batch, time, features), got " + to_string(shape) +
                "; add RepeatVector or Reshape before it");
}

void RnnBody::build(const std::vector<Shape>& inputs) {
  check(inputs[0]);
  cell_.body().ensure_built({step_of(inputs[0])});
}

Values RnnBody::call(const LayerCall& call, Effects& effects) {
  const Value& x = call.input();
  check(x.shape());
  if (call.inputs.size() > 1) throw Error(fmt::format("expected one input, got {}", call.inputs.size()));
  const Value mask = call.mask();
  CellBody& cell = cell_in(cell_);
  const Values initial = first_states(call, effects);
  const bool from_zeros = call.values("initial_state").empty() && !options_.stateful;
  const Scope scope(cell.name());
  const CellSteps steps = cell.begin(call, effects);
  const Values sequences = steps.inputs(x);

  // The output of the last step is a state of its own, unless one of the cell's is just that.
  const CellStep made = steps.step(placeholders(sequences, true), placeholders(initial, false));
  if (made.states.size() != initial.size())
    throw Error(fmt::format("expected a step of {} to return {} states, got {}", cell_.body().label(),
                            initial.size(), made.states.size()));
  const auto same = static_cast<size_t>(std::find(made.states.begin(), made.states.end(), made.output) -
                                        made.states.begin());
  const bool needs_state =
      !options_.return_sequences && (same == initial.size() || (mask.defined() && !from_zeros));
  Values first = initial;
  if (needs_state)
    first.push_back(broadcast_to(constant(0, made.output.dtype()),
                                 Shape{x.shape()[0]}.joined(made.output.shape().from(1))));
  const auto step = [&](const Values& states, const Values& inputs) {
    CellStep now =
        steps.step(inputs, {states.begin(), states.begin() + static_cast<std::ptrdiff_t>(initial.size())});
    if (needs_state) now.states.push_back(now.output);
    return ScanValues{std::move(now.states), options_.return_sequences ? Values{now.output} : Values{}};
  };
  ScanValues all = scan(step, first, sequences,
                        {.reverse = options_.go_backwards,
                         .mask = mask,
                         .zero_output_for_mask = options_.zero_output_for_mask});

  Value output;
  if (options_.return_sequences) {
    output = options_.go_backwards ? flip(all.outputs[0], 1) : all.outputs[0];
  } else {
    output = needs_state ? all.states.back() : all.states[same];
    if (mask.defined() && options_.zero_output_for_mask)
      output = zero_where_masked(output, mask, options_.go_backwards);
  }
  all.states.resize(initial.size());
  keep_states(all.states, effects);
  Values results = {output};
  if (options_.return_state) results.insert(results.end(), all.states.begin(), all.states.end());
  return results;
}

Values RnnBody::first_states(const LayerCall& call, const Effects& effects) {
  const Shape step = step_of(call.input().shape());
  const CellBody& cell = cell_in(cell_);
  if (options_.stateful) make_states(step);
  if (const Values& given = call.values("initial_state"); !given.empty()) {
    const std::vector<Shape> shapes = cell.state_shapes(step);
    if (given.size() != shapes.size())
      throw Error(fmt::format("initial_state: expected {} states, got {}", shapes.size(), given.size()));
    for (size_t i = 0; i < shapes.size(); ++i)
      if (const Shape wanted = Shape{step[0]}.joined(shapes[i]); !compatible(given[i].shape(), wanted))
        throw Error(fmt::format("initial_state: expected {} for state {}, got {}", to_string(wanted), i,
                                to_string(given[i].shape())));
    return given;
  }
  if (states_.empty() || step[0] == kUnknown) return zero_states(cell, step);
  Values states;
  for (const Parameter& state : states_) {
    // Called twice in one step, the second call goes on where the first has ended.
    const auto earlier = std::find_if(effects.updates.begin(), effects.updates.end(),
                                      [&](const Update& update) { return update.parameter == state; });
    states.push_back(earlier == effects.updates.end() ? Value(state) : earlier->value);
  }
  return states;
}

// They are no weights: files and counts do not have them. A model from a file gets them when it first runs.
void RnnBody::make_states(const Shape& input) {
  if (input[0] == kUnknown || (states_.empty() && weights_are_limited())) return;
  if (states_.empty())
    for (const Shape& shape : cell_in(cell_).state_shapes(input)) {
      const Shape whole = Shape{input[0]}.joined(shape);
      states_.emplace_back(name() + "/state", Tensor::filled(whole, 0, floatx()), false);
    }
  if (states_[0].shape()[0] != input[0])
    throw Error(
        fmt::format("is stateful and keeps the states of {} rows, got a batch of {}; give every batch as "
                    "many rows, by the batch size of Input and of the call",
                    states_[0].shape()[0], input[0]));
}

void RnnBody::set_states(const std::vector<Tensor>& values) {
  if (states_.empty())
    for (const Tensor& value : values) states_.emplace_back(name() + "/state", value.clone(), false);
  if (states_.size() != values.size())
    throw Error(fmt::format("expected {} states, got {}", states_.size(), values.size()));
  for (size_t i = 0; i < values.size(); ++i) states_[i].set(values[i]);
}

void RnnBody::keep_states(const Values& last, Effects& effects) const {
  for (size_t i = 0; i < states_.size(); ++i) {
    const auto earlier = std::find_if(effects.updates.begin(), effects.updates.end(),
                                      [&](const Update& update) { return update.parameter == states_[i]; });
    if (earlier == effects.updates.end())
      effects.updates.push_back({states_[i], last[i]});
    else
      earlier->value = last[i];
  }
}

void RnnBody::fields(Fields& f) {
  RNNOptions& o = options_;
  f("return_sequences", o.return_sequences);
  f("return_state", o.return_state);
  f("go_backwards", o.go_backwards);
  f("stateful", o.stateful);
  f("unroll", o.unroll);
  f("zero_output_for_mask", o.zero_output_for_mask);
  f.ignore("time_major", "false");  // Keras 2
  if (class_name_) {
    cell_.body().fields(f);
    f("activity_regularizer", o.activity_regularizer);
  } else {
    f("cell", cell_, {.required = true});
    f("activity_regularizer", o.activity_regularizer, {.sparing = true});
  }
}

void RnnBody::configured() {
  cell_in(cell_).configured();
  set_activity_regularizer(options_.activity_regularizer);
}

RNN::RNN(const Layer& cell, RNNOptions options)
    : RecurrentLayer(std::make_shared<RnnBody>(nullptr, cell, options), options) {}

RNN::RNN(std::vector<Layer> cells, RNNOptions options)
    : RNN(Layer(StackedRNNCells(std::move(cells))), std::move(options)) {}

std::shared_ptr<LayerBody> RNN::blank() { return std::make_shared<RnnBody>(nullptr, Layer(), RNNOptions()); }

std::vector<Parameter> RecurrentLayer::states() const { return states_in(*this); }
void RecurrentLayer::reset_state() const { folio::reset_state(*this); }

namespace {

// The stateful layers, each once.
void add_stateful(const std::shared_ptr<LayerBody>& layer, std::vector<std::shared_ptr<RnnBody>>& all) {
  if (auto rnn = std::dynamic_pointer_cast<RnnBody>(layer); rnn && rnn->options().stateful)
    if (std::find(all.begin(), all.end(), rnn) == all.end()) all.push_back(rnn);
  for (const auto& [name, child] : layer->children()) add_stateful(child, all);
}

std::vector<std::shared_ptr<RnnBody>> stateful_in(const Layer& layer) {
  std::vector<std::shared_ptr<RnnBody>> all;
  add_stateful(layer.handle(), all);
  return all;
}

}  // namespace

std::vector<Parameter> states_in(const Layer& layer) {
  std::vector<Parameter> all;
  for (const auto& rnn : stateful_in(layer))
    all.insert(all.end(), rnn->states().begin(), rnn->states().end());
  return all;
}

void reset_state(const Layer& layer) {
  for (Parameter& state : states_in(layer)) state.set(Tensor::filled(state.shape(), 0, state.dtype()));
}

std::vector<std::vector<Tensor>> saved_states(const Layer& layer) {
  std::vector<std::vector<Tensor>> all;
  for (const auto& rnn : stateful_in(layer)) {
    all.emplace_back();
    for (const Parameter& state : rnn->states()) all.back().push_back(state.value());
  }
  return all;
}

void restore_states(const Layer& layer, const std::vector<std::vector<Tensor>>& states) {
  const auto layers = stateful_in(layer);
  if (layers.size() != states.size())
    throw Error(fmt::format("{}: expected states of {} stateful layers, got {}", layer.body().label(),
                            layers.size(), states.size()));
  for (size_t i = 0; i < layers.size(); ++i) naming(*layers[i], [&] { layers[i]->set_states(states[i]); });
}

}  // namespace folio
