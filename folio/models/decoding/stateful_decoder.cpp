#include "folio/models/decoding/stateful_decoder.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>
#include <string_view>

#include "folio/base/error.h"
#include "folio/layers/catalog.h"
#include "folio/layers/core/input_layer.h"
#include "folio/models/bound_step.h"
#include "folio/models/model_body.h"

namespace folio {
namespace {

constexpr std::array<std::string_view, 4> kRecurrent = {"GRU", "LSTM", "RNN", "SimpleRNN"};
// Each step's outputs follow from this step's inputs alone. What acts in training only may be among them.
constexpr std::array<std::string_view, 11> kStepwise = {
    "Activation",      "Dense",         "Dropout",   "ELU",  "Embedding",
    "GaussianDropout", "GaussianNoise", "LeakyReLU", "ReLU", "SpatialDropout1D",
    "TimeDistributed"};

template <class Names>
bool holds(const Names& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

[[noreturn]] void refuse(const Model& model, const std::string& what) {
  throw Error(fmt::format(
      "model \"{}\": expected a chain of an Embedding, recurrent layers and layers of single steps, got {}",
      model.name(), what));
}

/// The same layer with weights of its own, going on from where it ended if it is recurrent.
Layer copy_of(const Model& model, const Layer& layer) {
  const std::string name = layer.class_name();
  Json config = layer.body().config();
  if (holds(kRecurrent, name)) {
    if (config.value("go_backwards", false)) refuse(model, layer.body().label() + ", which goes backwards");
    config["stateful"] = true;
  } else if (!holds(kStepwise, name)) {
    refuse(model, layer.body().label());
  }
  return layer_row(name, "generation").from_config(config, layer.name(), "generation");
}

/// The layers from the input on, each called on what the one before gave.
std::vector<Layer> chain_of(const Model& model) {
  if (model.inputs().size() != 1 || model.outputs().size() != 1) refuse(model, "several inputs or outputs");
  std::vector<Layer> chain;
  Value value = model.outputs()[0];
  while (&value.node() != &model.inputs()[0].node()) {
    const auto* call = dynamic_cast<const LayerCallOp*>(value.node().op.get());
    if (!call || value.node().inputs.size() != 1) refuse(model, "a layer with several inputs");
    chain.insert(chain.begin(), Layer(call->layer()));
    value = value.node().inputs[0];
  }
  return chain;
}

}  // namespace

NextToken next_token_of_states(const Model& model) {
  std::vector<SequentialItem> items = {Input({1}, {.dtype = model.inputs()[0].dtype()})};
  const std::vector<Layer> chain = chain_of(model);
  for (const Layer& layer : chain) items.emplace_back(copy_of(model, layer));
  const Sequential copy(items, model.name());
  copy.set_weights(model.get_weights());

  struct State {
    BoundStep step;
    std::vector<float> logits = {};
  };
  const auto state = std::make_shared<State>(State{copy.bind({.batch_size = 1})});
  return [state](int64_t token) -> std::span<const float> {
    state->step.input().set(0, static_cast<double>(token));
    state->step.run();
    const Tensor& y = state->step.output();
    return state->logits = as_logits(y, 0, y.count());
  };
}

}  // namespace folio
