#include "folio/layers/recurrent/cell.h"

#include <fmt/format.h>

#include "folio/ops/reshape.h"

namespace folio {

CellStep CellBody::step(const Value&, const Values&) {
  throw InternalError(class_name() + " has neither a step nor a begin");
}

CellSteps CellBody::begin(const LayerCall&, Effects&) {
  return {[](const Value& input) { return Values{input}; },
          [this](const Values& inputs, const Values& states) { return step(inputs[0], states); }};
}

Values CellBody::call(const LayerCall& call, Effects& effects) {
  const Value& x = call.input();
  Values states(call.inputs.begin() + 1, call.inputs.end());
  if (const Values& named = call.values("states"); !named.empty()) states = named;
  if (states.empty()) states = zero_states(*this, x.shape());
  const size_t count = state_shapes(x.shape()).size();
  if (states.size() != count) throw Error(fmt::format("expected {} states, got {}", count, states.size()));
  const CellSteps steps = begin(call, effects);
  CellStep made = steps.step(steps.inputs(x), states);
  Values outputs = {std::move(made.output)};
  outputs.insert(outputs.end(), made.states.begin(), made.states.end());
  return outputs;
}

CallArgumentList CellBody::arguments() const {
  return {
      {"inputs", CallArgument::Kind::input}, CallArgument::values("states"), CallArgument::training(false)};
}

CellBody& cell_in(const Layer& layer) {
  if (!layer.defined()) throw Error("cell: expected a layer, got one that was never made");
  if (auto* cell = dynamic_cast<CellBody*>(&layer.body())) return *cell;
  throw Error("cell: expected a recurrent cell, got " + layer.body().label() +
              "; take LSTMCell, GRUCell, SimpleRNNCell, or one of your own");
}

Values zero_states(const CellBody& cell, const Shape& input) {
  Values states;
  for (const Shape& shape : cell.state_shapes(input))
    states.push_back(broadcast_to(constant(0, floatx()), Shape{input[0]}.joined(shape)));
  return states;
}

}  // namespace folio
