#include "folio/models/model_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <utility>

#include "folio/base/error.h"
#include "folio/compiler/compile.h"
#include "folio/layers/core/input_layer.h"
#include "folio/layers/layers_version.h"
#include "folio/training/ctc.h"

namespace folio {
namespace {

const InputOp* input_of(const Value& value) { return op_cast<InputOp>(value); }

// All that freezing changes: the weights that are trained, and the layers that are frozen.
void add_frozen(const LayerBody& layer, std::vector<const void*>& list) {
  if (!layer.trainable()) list.push_back(&layer);
  for (const auto& [name, child] : layer.children()) add_frozen(*child, list);
}

// A model may begin inside another one: what lies between its inputs and outputs is recorded again, from
// inputs of its own.
class Cut {
 public:
  explicit Cut(const Values& inputs) : inputs_(inputs) {
    for (const Value& value : inputs)
      own_.push_back(input_of(value) ? value
                                     : input(value.shape(), value.dtype(), automatic_name("InputLayer")));
  }
  const Values& inputs() const { return own_; }
  Value operator()(const Value& value) {
    for (size_t i = 0; i < inputs_.size(); ++i)
      if (value == inputs_[i]) return own_[i];
    const Node& node = value.node();
    if (!done_.count(&node)) {
      Values in;
      bool changed = false;
      for (const Value& each : node.inputs) {
        in.push_back((*this)(each));
        changed = changed || !(in.back() == each);
      }
      done_[&node] = changed ? folio::apply(node.op, std::move(in)) : Values();
    }
    const Values& made = done_[&node];
    return made.empty() ? value : made[static_cast<size_t>(value.output())];
  }

 private:
  const Values& inputs_;
  Values own_;
  std::map<const Node*, Values> done_;
};

}  // namespace

void ModelBody::set_graph(Values inputs, Values outputs) {
  if (inputs.empty() || outputs.empty())
    throw Error(label() + ": expected at least one input and one output");
  for (const Value& value : inputs)
    if (!value.defined()) throw Error(label() + ": an input is undefined");
  for (const Value& value : outputs)
    if (!value.defined()) throw Error(label() + ": an output is undefined");
  if (!std::all_of(inputs.begin(), inputs.end(), input_of)) {
    Cut cut(inputs);
    for (Value& value : outputs) value = cut(value);
    inputs = cut.inputs();
  }
  Graph{inputs, outputs, {}}.nodes();  // complains about inputs that were left out
  inputs_ = std::move(inputs);
  outputs_ = std::move(outputs);
  layers_ = layers_in_order(inputs_, outputs_);
  std::map<std::string, const LayerBody*> names;
  for (const Layer& layer : layers_)
    if (const auto [place, fresh] = names.try_emplace(layer.name(), &layer.body());
        !fresh && place->second != &layer.body())
      throw Error(label() + ": two layers are named \"" + layer.name() + "\"; give each its own name");
}

void ModelBody::add_layer(const SequentialItem& item) {
  if (item.input.defined()) {
    if (!layers_.empty() || !inputs_.empty()) throw Error(label() + ": Input must come first");
    inputs_ = {item.input};
    outputs_ = {item.input};
    return;
  }
  if (names_.count(item.layer.name()))
    throw Error(label() + ": two layers are named \"" + item.layer.name() + "\"; give each its own name");
  if (item.layer.class_name() == "InputLayer")
    throw Error(label() + ": put Input({…}) at the front instead of an InputLayer");
  layers_.push_back(item.layer);
  names_.insert(item.layer.name());
  if (!inputs_.empty()) outputs_ = {item.layer(outputs_[0])};
  plans_.clear();
  layers_changed();  // models around this one
}

void ModelBody::build_from(const std::vector<Shape>& shapes, const std::vector<DType>& types) {
  if (has_graph()) return;
  if (layers_.empty()) throw Error(label() + ": has no layers; add some");
  if (shapes.size() != 1) throw Error(fmt::format("{}: expected one input, got {}", label(), shapes.size()));
  inputs_ = {Input(shapes[0].from(1), {.dtype = types[0]})};
  Value value = inputs_[0];
  for (const Layer& layer : layers_) value = layer(value);
  outputs_ = {value};
}

void ModelBody::build(const std::vector<Shape>& inputs) {
  build_from(inputs, std::vector<DType>(inputs.size(), floatx()));
}

Values ModelBody::call(const LayerCall& call, Effects& effects) {
  const Values& inputs = call.inputs;
  if (inputs.size() != this->inputs().size())
    throw Error(fmt::format("expected {} inputs, got {}", inputs_.size(), inputs.size()));
  for (size_t i = 0; i < inputs.size(); ++i)
    if (!compatible(inputs[i].shape(), inputs_[i].shape()))
      throw Error(fmt::format("input \"{}\": expected {}, got {}", input_of(inputs_[i])->label(),
                              to_string(inputs_[i].shape()), to_string(inputs[i].shape())));
  MaskedValues traced = retrace(outputs_, inputs_, call, effects);
  effects.output_masks = std::move(traced.masks);
  return traced.values;
}

const Values& ModelBody::inputs() const {
  if (inputs_.empty())
    throw Error(label() + ": does not know its input yet; put Input({…}) first, or fit it");
  return inputs_;
}
const Values& ModelBody::outputs() const {
  inputs();
  return outputs_;
}

std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> ModelBody::children() const {
  std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> result;
  for (const Layer& layer : layers_) result.emplace_back(layer.name(), layer.handle());
  return result;
}

std::vector<std::string> ModelBody::input_names() const {
  std::vector<std::string> names;
  for (const Value& value : inputs()) names.push_back(input_of(value)->label());
  return names;
}

std::vector<std::string> ModelBody::output_names() const {
  if (!output_structure.keys.empty()) return output_structure.keys;
  std::vector<std::string> names;
  for (const Value& value : outputs()) {
    const Layer maker = maker_of(value);
    const auto* input = input_of(value);
    std::string name = maker.defined() ? maker.name()
                       : input         ? input->label()
                                       : snake_case(value.node().op->name());
    names.push_back(name);
  }
  return names;
}

void ModelBody::set_training(TrainingOptions options) {
  if (!options.optimizer.defined()) throw Error(label() + ": compile needs an optimizer");
  if (has_graph()) {
    const auto names = output_names();
    const auto check = [&](const std::string& name, const char* what) {
      if (std::find(names.begin(), names.end(), name) == names.end())
        throw Error(fmt::format("{}: {} for output \"{}\": the outputs are {}", label(), what, name,
                                fmt::join(names, ", ")));
    };
    for (const auto& entry : options.loss.by_name) check(entry.first, "loss");
    for (const auto& [metrics, what] :
         {std::pair{&options.metrics, "metrics"}, std::pair{&options.weighted_metrics, "weighted_metrics"}}) {
      for (const auto& entry : metrics->by_name) check(entry.first, what);
      if (!metrics->by_output.empty() && metrics->by_output.size() != outputs_.size())
        throw Error(fmt::format("{}: expected {} lists of {}, one per output, got {}", label(),
                                outputs_.size(), what, metrics->by_output.size()));
    }
    if (options.loss.all.size() > 1 && options.loss.all.size() != outputs_.size())
      throw Error(fmt::format("{}: expected {} losses, one per output, got {}", label(), outputs_.size(),
                              options.loss.all.size()));
    if (!options.loss_weights.empty() && options.loss_weights.size() != outputs_.size())
      throw Error(fmt::format("{}: expected {} loss weights, one per output, got {}", label(),
                              outputs_.size(), options.loss_weights.size()));
  }
  training = std::move(options);
  compiled = true;
  plans_.clear();
}

const Loss* ModelBody::loss_of(size_t output) const {
  const Losses& losses = training.loss;
  if (!losses.by_name.empty()) {
    const auto found = losses.by_name.find(output_names()[output]);
    return found == losses.by_name.end() ? nullptr : &found->second;
  }
  if (losses.all.empty()) return nullptr;
  return &losses.all[losses.all.size() == 1 ? 0 : output];
}

const std::vector<Metric>& ModelBody::metrics_of(const Metrics& metrics, size_t output) const {
  if (output < metrics.by_output.size()) return metrics.by_output[output];
  const auto found = metrics.by_name.find(output_names()[output]);
  return found == metrics.by_name.end() ? metrics.all : found->second;
}

std::vector<TensorType> ModelBody::batch_shapes(Purpose purpose, int64_t rows, bool weighted) const {
  std::vector<TensorType> types;
  for (const Value& value : inputs()) types.push_back({value.shape().with(0, rows), value.dtype()});
  for (size_t i = 0; purpose != Purpose::predict && i < outputs_.size(); ++i) {
    const Loss* loss = loss_of(i);
    const Shape shape = outputs_[i].shape().with(0, rows);
    if (loss && takes_labels(*loss)) {
      types.push_back({Shape{rows, kUnknown}, DType::int32});
      continue;
    }
    types.push_back(loss && loss->sparse() ? TensorType{shape.without(-1), DType::int32}
                                           : TensorType{shape, outputs_[i].dtype()});
  }
  if (weighted) types.push_back({{rows}, outputs()[0].dtype()});
  return types;
}

std::vector<DType> ModelBody::batch_types(Purpose purpose, bool weighted) const {
  std::vector<DType> types;
  for (const TensorType& type : batch_shapes(purpose, kUnknown, weighted)) types.push_back(type.dtype);
  return types;
}

PlanKey ModelBody::plan_key(Purpose purpose, bool weighted) {
  return {purpose, default_threads(), {}, weighted, variant(), random_seed()};
}

uint64_t ModelBody::variant() {
  const uint64_t version = layers_version();
  if (variants_version_.load(std::memory_order_acquire) == version) return variant_;
  const std::lock_guard lock(variants_mutex_);
  std::vector<const void*> list;
  for (const Parameter& parameter : trainable_weights()) list.push_back(parameter.id());
  add_frozen(*this, list);
  const auto found = std::find(variants_.begin(), variants_.end(), list);
  variant_ = static_cast<uint64_t>(found - variants_.begin());
  if (found == variants_.end()) variants_.push_back(std::move(list));
  variants_version_.store(version, std::memory_order_release);
  return variant_;
}

}  // namespace folio
