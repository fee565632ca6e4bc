#include "folio/layers/trace.h"

#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "folio/layers/forgotten_masks.h"

namespace folio {
namespace {

bool any_defined(const Values& values) {
  return std::any_of(values.begin(), values.end(), [](const Value& value) { return value.defined(); });
}

Values placeholders_for(const Values& values) {
  Values result;
  for (const Value& value : values)
    result.push_back(value.defined() ? input(value.shape(), value.dtype()) : Value());
  return result;
}

// The masks of a call's outputs, with the values that are being traced.
Values traced_masks(const LayerBody& layer, const Values& inputs, const Values& masks) {
  const Values symbols = placeholders_for(inputs), mask_symbols = placeholders_for(masks);
  Values result = layer.compute_masks(symbols, mask_symbols);
  if (!any_defined(result)) return {};
  Values from, wanted;
  LayerCall to;
  for (size_t i = 0; i < inputs.size(); ++i) from.push_back(symbols[i]), to.inputs.push_back(inputs[i]);
  for (size_t i = 0; i < masks.size(); ++i)
    if (masks[i].defined()) from.push_back(mask_symbols[i]), to.inputs.push_back(masks[i]);
  for (const Value& mask : result)
    if (mask.defined()) wanted.push_back(mask);
  Effects none;
  const Values traced = retrace(wanted, from, to, none).values;
  size_t next = 0;
  for (Value& mask : result)
    if (mask.defined()) mask = traced[next++];
  return result;
}

const CallArgument* argument_of(const CallArgumentList& list, const std::string& name) {
  for (const CallArgument& argument : list)
    if (argument.name == name) return &argument;
  return nullptr;
}

const char* kind_of(const CallValue& value) {
  return std::holds_alternative<Values>(value) ? "values"
         : std::holds_alternative<bool>(value) ? "a flag"
                                               : "a number";
}

bool is_of(const CallValue& value, CallArgument::Kind kind) {
  if (const auto* values = std::get_if<Values>(&value))
    return kind == CallArgument::Kind::values || (kind == CallArgument::Kind::value && values->size() == 1);
  return std::holds_alternative<bool>(value) ? kind == CallArgument::Kind::flag
                                             : kind == CallArgument::Kind::number;
}

void check_arguments(const LayerBody& layer, const Values& inputs, const Values& masks,
                     const CallArguments& named) {
  if (masks.size() > inputs.size())
    throw Error(
        fmt::format("expected at most a mask for each of {} inputs, got {}", inputs.size(), masks.size()));
  const CallArgumentList list = layer.arguments();
  for (const auto& [name, value] : named) {
    // The phase is everyone's; most layers take no notice of it.
    if (name == "training" && std::holds_alternative<bool>(value)) continue;
    const CallArgument* argument = argument_of(list, name);
    if (argument && is_of(value, argument->kind)) {
      if (const auto* values = std::get_if<Values>(&value))
        for (const Value& one : *values)
          if (!one.defined()) throw Error(name + ": was called with an undefined value");
      continue;
    }
    std::vector<std::string> names;
    for (const CallArgument& known : list) names.push_back(known.name);
    throw Error(fmt::format("{}: expected {}, got {}; a call takes {}", name,
                            argument ? "another kind of argument" : "no such argument", kind_of(value),
                            names.empty() ? "its inputs alone" : fmt::format("{}", fmt::join(names, ", "))));
  }
}

// What the layer takes where the call does not say.
void fill_in(const LayerBody& layer, CallArguments& named) {
  for (const CallArgument& argument : layer.arguments())
    if (argument.otherwise && argument.name != "training")
      named.emplace(argument.name, argument.kind == CallArgument::Kind::flag
                                       ? CallValue(*argument.otherwise != 0)
                                       : CallValue(*argument.otherwise));
}

// A recorded call with what it is told while it is traced.
LayerCall prepared(const LayerBody& layer, LayerCall call, const LayerCall& outer) {
  const auto training = call.named.find("training");
  call.training = training == call.named.end() ? outer.training : std::get<bool>(training->second);
  call.seed = outer.seed;
  call.step = outer.step;
  fill_in(layer, call.named);
  return call;
}

}  // namespace

LayerCallOp::LayerCallOp(std::shared_ptr<LayerBody> layer, size_t inputs, const Values& masks,
                         const CallArguments& named)
    : layer_(std::move(layer)), inputs_(inputs) {
  for (size_t i = 0; i < masks.size(); ++i)
    if (masks[i].defined()) masked_.push_back(i);
  for (const auto& [name, value] : named)
    if (const auto* values = std::get_if<Values>(&value))
      values_.emplace_back(name, values->size());
    else
      settings_.emplace(name, value);
}

Values recorded_call(const std::shared_ptr<LayerBody>& layer, const Values& inputs, const Values& masks,
                     const CallArguments& named) {
  check_arguments(*layer, inputs, masks, named);
  Values all = inputs;
  for (const Value& mask : masks)
    if (mask.defined()) all.push_back(mask);
  for (const auto& [name, value] : named)
    if (const auto* values = std::get_if<Values>(&value))
      all.insert(all.end(), values->begin(), values->end());
  Values outputs = folio::apply(
      std::shared_ptr<const LayerCallOp>(new LayerCallOp(layer, inputs.size(), masks, named)), all);
  layer->note_call(outputs[0].node_handle());
  return outputs;
}

std::string LayerCallOp::attributes() const {
  std::string text = layer_->label();
  for (const auto& [name, value] : settings_)
    text += std::holds_alternative<bool>(value) ? fmt::format(", {} = {}", name, std::get<bool>(value))
                                                : fmt::format(", {} = {}", name, std::get<double>(value));
  return text;
}

LayerCall LayerCallOp::call(const Values& node_inputs) const {
  auto next = node_inputs.begin();
  const auto take = [&](size_t count) {
    const auto first = next;
    next += static_cast<std::ptrdiff_t>(count);
    return Values(first, next);
  };
  LayerCall call;
  call.inputs = take(inputs_);
  if (!masked_.empty()) call.masks.resize(inputs_);
  for (size_t input : masked_) call.masks[input] = *next++;
  call.named = settings_;
  for (const auto& [name, count] : values_) call.named.emplace(name, take(count));
  return call;
}

Types LayerCallOp::infer(const Types& in) const {
  Values placeholders;
  for (const TensorType& type : in) placeholders.push_back(input(type.shape, type.dtype));
  LayerCall symbolic = call(placeholders);
  fill_in(*layer_, symbolic.named);
  symbolic.step = constant(0, DType::int64);  // for layers inside that are called as in training
  Effects none;
  Types types;
  for (const Value& value : layer_->named_call(std::move(symbolic), none)) types.push_back(value.type());
  return types;
}

void LayerCallOp::define(const Views&, const Views&) const {
  throw InternalError("a layer call was compiled without being traced");
}

MaskedValues retrace(const Values& outputs, const Values& inputs, const LayerCall& outer, Effects& effects) {
  const std::vector<const Node*> nodes = Graph{inputs, outputs, {}}.nodes();
  const ForgottenMasks forgotten(nodes);
  std::unordered_map<const Node*, MaskedValues> done;
  for (size_t i = 0; i < inputs.size(); ++i) done[&inputs[i].node()] = {{outer.inputs[i]}, {outer.mask(i)}};
  const auto value_of = [&](const Value& value) {
    return done.at(&value.node()).values[static_cast<size_t>(value.output())];
  };
  const auto mask_of = [&](const Value& value) {
    const Values& masks = done.at(&value.node()).masks;
    return static_cast<size_t>(value.output()) < masks.size() ? masks[static_cast<size_t>(value.output())]
                                                              : Value();
  };
  const auto trace = [&](const LayerCallOp& op, const Node& node, const Values& in) {
    LayerBody& layer = *op.layer();
    LayerCall call = prepared(layer, op.call(in), outer);
    // A mask that was given goes before the one that came along.
    call.masks.resize(call.inputs.size());
    for (size_t i = 0; i < call.masks.size(); ++i)
      if (!call.masks[i].defined() && !forgotten.hides(node.inputs[i], node))
        call.masks[i] = mask_of(node.inputs[i]);
    if (!any_defined(call.masks)) call.masks.clear();
    const Scope scope(layer.name());
    return naming(layer, [&] {
      effects.output_masks.reset();
      MaskedValues result{layer.traced_call(call, effects), {}};
      result.masks = effects.output_masks ? *std::exchange(effects.output_masks, std::nullopt)
                                          : traced_masks(layer, call.inputs, call.masks);
      return result;
    });
  };
  for (const Node* node : nodes) {
    if (done.count(node)) continue;
    Values in;
    for (const Value& value : node->inputs) in.push_back(value_of(value));
    const auto* op = dynamic_cast<const LayerCallOp*>(node->op.get());
    done[node] = op ? trace(*op, *node, in) : MaskedValues{folio::apply(node->op, in), {}};
  }
  MaskedValues result;
  for (const Value& value : outputs) {
    result.values.push_back(value_of(value));
    result.masks.push_back(mask_of(value));
  }
  return result;
}

Values call_within(const LayerCall& outer, Effects& effects, const Layer& inner, Values inputs,
                   const CallOptions& options, bool penalty) {
  LayerBody& layer = inner.body();
  const CallArguments named = options.named();
  naming(layer, [&] { check_arguments(layer, inputs, options.mask, named); });
  const LayerCall call =
      prepared(layer, {.inputs = std::move(inputs), .masks = options.mask, .named = named}, outer);
  const Scope scope(layer.name());
  Values outputs = penalty ? layer.traced_call(call, effects) : layer.named_call(call, effects);
  effects.output_masks.reset();  // of the inner layer's outputs, which are not the outer's
  return outputs;
}

}  // namespace folio
