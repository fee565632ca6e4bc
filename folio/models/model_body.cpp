#include "folio/models/model_body.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>
#include <utility>

#include "folio/base/error.h"
#include "folio/compiler/compile.h"
#include "folio/layers/core/input_layer.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/gradients.h"
#include "folio/ops/reduce.h"

namespace folio {
namespace {

constexpr size_t kMostPlans = 8;

const InputOp* input_of(const Value& value) { return op_cast<InputOp>(value); }

/// Keras' keys of metrics in histories: a name that is taken gets a number, that of a weighted metric first
/// the word.
class MetricNames {
 public:
  std::string next(const std::string& output, const std::string& name, bool weighted) {
    const std::string plain = output + name, marked = output + "weighted_" + name;
    return numbered(weighted && used_.count(plain) ? marked : plain);
  }

 private:
  std::string numbered(const std::string& name) {
    const int number = used_[name]++;
    return number == 0 ? name : name + "_" + std::to_string(number);
  }
  std::map<std::string, int> used_;
};

}  // namespace

Layer maker_of(const Value& value) {
  const auto* call = op_cast<LayerCallOp>(value);
  return call ? Layer(call->layer()) : Layer();
}

void ModelBody::set_graph(Values inputs, Values outputs) {
  if (inputs.empty() || outputs.empty())
    throw Error(label() + ": expected at least one input and one output");
  for (const Value& value : inputs)
    if (!value.defined() || !input_of(value))
      throw Error(label() + ": inputs must be values made by Input(…)");
  for (const Value& value : outputs)
    if (!value.defined()) throw Error(label() + ": an output is undefined");
  Graph{inputs, outputs, {}}.nodes();  // complains about inputs that were left out
  inputs_ = std::move(inputs);
  outputs_ = std::move(outputs);
  find_layers();
  std::map<std::string, const LayerBody*> names;
  for (const Layer& layer : layers_)
    if (const auto [place, fresh] = names.try_emplace(layer.name(), &layer.body());
        !fresh && place->second != &layer.body())
      throw Error(label() + ": two layers are named \"" + layer.name() + "\"; give each its own name");
}

// Keras' order: by distance from the outputs, farthest first; among equals in the order in which a walk back
// from the outputs meets them.
void ModelBody::find_layers() {
  if (kind_ == Kind::sequential) return;
  std::vector<const Node*> finished;
  std::map<const Node*, int> state;
  std::map<const void*, int> met;  // layer or input node -> order of meeting
  const auto key_of = [](const Node* node) -> const void* {
    const auto* call = dynamic_cast<const LayerCallOp*>(node->op.get());
    return call ? static_cast<const void*>(call->layer().get()) : node;
  };
  // A list of nodes on the way, each with the number of its inputs seen: chains may be longer than any stack.
  std::vector<std::pair<const Node*, size_t>> way;
  const auto enter = [&](const Node* node) {
    if (std::exchange(state[node], 1)) return;
    met.try_emplace(key_of(node), static_cast<int>(met.size()));
    way.emplace_back(node, 0);
  };
  for (const Value& value : outputs_) {
    enter(&value.node());
    while (!way.empty()) {
      auto& [node, seen] = way.back();
      if (seen < node->inputs.size()) {
        enter(&node->inputs[seen++].node());
      } else {
        finished.push_back(node);
        way.pop_back();
      }
    }
  }
  std::map<const Node*, int> node_depth;
  std::map<const void*, int> depth;
  std::map<const void*, const Node*> first_node;
  for (auto it = finished.rbegin(); it != finished.rend(); ++it) {
    const Node* node = *it;
    const int at = std::max(node_depth[node], depth[key_of(node)]);
    depth[key_of(node)] = node_depth[node] = at;
    first_node.try_emplace(key_of(node), node);
    for (const Value& value : node->inputs)
      node_depth[&value.node()] = std::max(node_depth[&value.node()], at + 1);
  }
  for (const Value& value : inputs_) {
    const Node* node = &value.node();
    if (first_node.try_emplace(node, node).second) depth[node] = 0, met[node] = -1;
  }
  std::vector<const void*> order;
  for (const auto& entry : first_node) order.push_back(entry.first);
  std::sort(order.begin(), order.end(), [&](const void* a, const void* b) {
    return depth[a] != depth[b] ? depth[a] > depth[b] : met[a] < met[b];
  });
  layers_.clear();
  for (const void* key : order) {
    const Node* node = first_node[key];
    if (const auto* call = dynamic_cast<const LayerCallOp*>(node->op.get())) {
      layers_.emplace_back(call->layer());
    } else if (const auto* input = dynamic_cast<const InputOp*>(node->op.get())) {
      layers_.push_back(InputLayer(node->outputs[0].shape.from(1), {.batch_size = node->outputs[0].shape[0],
                                                                    .dtype = node->outputs[0].dtype,
                                                                    .name = input->label()}));
    }
  }
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
  forget_plans();
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

void ModelBody::set_trainable(bool trainable) {
  LayerBody::set_trainable(trainable);
  forget_plans();
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
  forget_plans();
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

std::vector<DType> ModelBody::target_types() const {
  std::vector<DType> types;
  for (size_t i = 0; i < outputs().size(); ++i) {
    const Loss* loss = loss_of(i);
    types.push_back(loss && loss->sparse() ? DType::int32 : outputs_[i].dtype());
  }
  return types;
}

void ModelBody::forget_plans() {
  const std::lock_guard lock(plans_mutex_);
  plans_.clear();
}

ReadyPlan FramePool::borrow() {
  std::unique_ptr<Frame> frame;
  {
    const std::lock_guard lock(mutex_);
    if (!idle_.empty()) {
      frame = std::move(idle_.back());
      idle_.pop_back();
    }
  }
  if (!frame) frame = std::make_unique<Frame>(plan_);
  const auto give_back = [pool = shared_from_this()](Frame* used) {
    const std::lock_guard lock(pool->mutex_);
    pool->idle_.emplace_back(used);
  };
  return {plan_, std::shared_ptr<Frame>(frame.release(), give_back)};
}

ReadyPlan ModelBody::plan(const PlanKey& key) {
  // Freezing a layer changes what training plans do.
  std::vector<const void*> trained;
  for (const Parameter& parameter : trainable_weights()) trained.push_back(parameter.id());
  const std::lock_guard lock(plans_mutex_);
  if (trained != trained_) {
    plans_.clear();
    trained_ = std::move(trained);
  }
  for (auto it = plans_.begin(); it != plans_.end(); ++it)
    if (it->first == key) {
      plans_.splice(plans_.begin(), plans_, it);
      return it->second->borrow();
    }
  plans_.emplace_front(key, std::make_shared<FramePool>(compile_plan(key)));
  if (plans_.size() > kMostPlans) plans_.pop_back();
  return plans_.front().second->borrow();
}

TotalLoss ModelBody::total_loss(const Values& targets, const Values& predicted, const Value& weights,
                                const Values& masks, const Values& penalties) const {
  TotalLoss result;
  Value& total = result.total;
  for (size_t i = 0; i < predicted.size(); ++i) {
    const Loss* loss = loss_of(i);
    result.outputs.push_back(loss ? (*loss)(targets[i], predicted[i], weights, masks[i]) : Value());
    if (!loss) continue;
    const double share = training.loss_weights.empty() ? 1 : training.loss_weights[i];
    const Value weighted = share == 1 ? result.outputs[i] : result.outputs[i] * share;
    total = total.defined() ? total + weighted : weighted;
  }
  if (!total.defined()) throw Error(label() + ": no output has a loss; compile the model with one");
  for (const Value& penalty : penalties) total = total + penalty;
  std::vector<Parameter> penalized;  // a layer may stand in several models
  for (const RegularizedWeight& weight : regularized_weights()) {
    if (std::find(penalized.begin(), penalized.end(), weight.parameter) != penalized.end()) continue;
    penalized.push_back(weight.parameter);
    total = total + weight.regularizer(Value(weight.parameter));
  }
  return result;
}

Plan ModelBody::compile_plan(const PlanKey& key) {
  const size_t n_inputs = inputs().size(), n_outputs = outputs_.size();
  const bool training_now = key.use == PlanKey::Use::train;
  Graph graph;
  for (size_t i = 0; i < n_inputs; ++i)
    graph.inputs.push_back(input(key.types[i].shape, key.types[i].dtype, input_of(inputs_[i])->label()));
  const Value step = training_now ? Value(training.optimizer->iterations()) : constant(0, DType::int64);
  Effects effects;
  const Scope scope(name());
  const auto [predicted, masks] = retrace(
      outputs_, inputs_,
      {.inputs = graph.inputs, .training = training_now, .seed = random_seed(), .step = step}, effects);
  const CompileOptions options{fmt::format("{} {}", name(),
                                           training_now                        ? "training"
                                           : key.use == PlanKey::Use::evaluate ? "evaluation"
                                                                               : "prediction"),
                               key.threads,
                               {}};
  if (key.use == PlanKey::Use::predict) {
    graph.outputs = predicted;
    return folio::compile(graph, options);
  }

  const auto names = output_names();
  Values targets;
  for (size_t i = 0; i < n_outputs; ++i)
    targets.push_back(
        input(key.types[n_inputs + i].shape, key.types[n_inputs + i].dtype, "target " + names[i]));
  graph.inputs.insert(graph.inputs.end(), targets.begin(), targets.end());
  Value weights;
  if (key.weighted) {
    weights = input(key.types.back().shape, key.types.back().dtype, "sample_weight");
    graph.inputs.push_back(weights);
  }

  std::vector<Report> reports{{"loss"}};
  const TotalLoss loss = total_loss(targets, predicted, weights, masks, effects.losses);
  graph.outputs = {loss.total};
  for (size_t i = 0; i < n_outputs && n_outputs > 1; ++i)
    if (loss.outputs[i].defined()) {
      graph.outputs.push_back(loss.outputs[i]);
      reports.push_back({names[i] + "_loss"});
    }
  MetricNames metric_names;
  for (const bool weighted : {false, true})
    for (size_t i = 0; i < n_outputs; ++i)
      for (const Metric& metric : metrics_of(weighted ? training.weighted_metrics : training.metrics, i)) {
        const Values sums = metric.sums({targets[i], predicted[i], weighted ? weights : Value(), masks[i]});
        int64_t numbers = 0;
        for (const Value& sum : sums) numbers += sum.shape().count();
        graph.outputs.insert(graph.outputs.end(), sums.begin(), sums.end());
        reports.push_back({metric_names.next(n_outputs > 1 ? names[i] + "_" : "", metric.name, weighted),
                           metric, static_cast<int>(sums.size()), numbers});
      }
  reports_ = reports;
  if (training_now) {
    const std::vector<Parameter> trained = trainable_weights();
    Values wrt;
    for (const Parameter& parameter : trained) wrt.emplace_back(parameter);
    graph.updates =
        training.optimizer->updates(trained, gradients(training.optimizer->scaled(loss.total), wrt));
    // Keras holds weights to their constraints after every step.
    std::vector<Parameter> held;
    for (const ConstrainedWeight& weight : constrained_weights()) {
      if (std::find(held.begin(), held.end(), weight.parameter) != held.end()) continue;
      held.push_back(weight.parameter);
      for (Update& update : graph.updates)
        if (update.parameter == weight.parameter) update.value = weight.constraint(update.value);
    }
    graph.updates.insert(graph.updates.end(), effects.updates.begin(), effects.updates.end());
  }
  return folio::compile(graph, options);
}

}  // namespace folio
