// Models in `.keras` and `.h5` files: `Model::save`, `Model::load`, `Model::load_weights`.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "folio/base/error.h"
#include "folio/base/tell.h"
#include "folio/formats/keras_file.h"
#include "folio/formats/keras_legacy.h"
#include "folio/formats/keras_training.h"
#include "folio/layers/forgotten_masks.h"
#include "folio/models/model_body.h"

namespace folio {
namespace {

const ModelBody* model_in(const LayerBody& layer) { return dynamic_cast<const ModelBody*>(&layer); }

std::optional<std::vector<Layer>> layers_of_nested(const LayerBody& layer) {
  const ModelBody* model = model_in(layer);
  return model ? std::optional(model->layers()) : std::nullopt;
}

// Writing
// ------------------------------------------------------------------------------------------------------------

SavedModel saved(const ModelBody& body, bool training = true);

// Whether a model is trained with functions of the program's own, of which a file can say nothing.
bool has_own_functions(const TrainingOptions& training) {
  const auto is_own = [](const Loss& loss) { return static_cast<bool>(loss.function); };
  const auto any_own = [](const std::vector<Metric>& metrics) {
    return std::any_of(metrics.begin(), metrics.end(), [](const Metric& metric) { return metric.is_own(); });
  };
  bool own = std::any_of(training.loss.all.begin(), training.loss.all.end(), is_own);
  for (const auto& [name, loss] : training.loss.by_name) own = own || is_own(loss);
  for (const Metrics* metrics : {&training.metrics, &training.weighted_metrics}) {
    own = own || any_own(metrics->all);
    for (const auto& some : metrics->by_output) own = own || any_own(some);
    for (const auto& [name, some] : metrics->by_name) own = own || any_own(some);
  }
  return own;
}

/// The calls of a model as Keras writes them: numbered by layer, and with the masks spelled out that Folio,
/// like Keras, lets go with the values.
class CallNumbers {
 public:
  explicit CallNumbers(const ModelBody& body)
      : CallNumbers(body, Graph{body.inputs(), body.outputs(), {}}.nodes()) {}
  OutputReference reference(const Value& value) const {
    if (const auto* input = op_cast<InputOp>(value)) return {input->label(), 0, 0, value.type()};
    if (const auto* call = op_cast<LayerCallOp>(value))
      return {call->layer()->name(), numbers_.at(&value.node()), value.output(), value.type()};
    throw refusal(value.node());
  }
  std::vector<SavedCall> calls(const LayerBody& layer) const {
    const auto found = calls_.find(&layer);
    return found == calls_.end() ? std::vector<SavedCall>() : found->second;
  }
  /// Functions that make the masks of a layer, and stand in the file alone: before it, or Keras 3.0 does not
  /// find them.
  std::vector<Layer> functions_before(const LayerBody& layer) const {
    const auto found = functions_.find(&layer);
    return found == functions_.end() ? std::vector<Layer>() : found->second;
  }

 private:
  CallNumbers(const ModelBody& body, const std::vector<const Node*>& nodes) : body_(body), forgotten_(nodes) {
    for (const Layer& layer : body.layers()) names_.insert(layer.name());
    for (const Node* node : nodes)
      if (is_call(*node)) add(*node);
  }

  Error refusal(const Node& node) const {
    return Error(
        fmt::format("{}: cannot be saved, because it holds the op {} outside of a layer; use a layer for it",
                    body_.label(), node.op->name()));
  }

  // Inputs and constants stand where they are used.
  static bool is_call(const Node& node) {
    return !dynamic_cast<const InputOp*>(node.op.get()) && !dynamic_cast<const ConstantOp*>(node.op.get());
  }

  SavedTensor tensor(const Value& value) const {
    if (const auto* constant = op_cast<ConstantOp>(value)) return constant->tensor();
    return reference(value);
  }
  std::vector<SavedTensor> tensors(const Values& values) const {
    std::vector<SavedTensor> result;
    for (const Value& value : values) result.push_back(tensor(value));
    return result;
  }

  void add(const Node& node) {
    const auto* op = dynamic_cast<const LayerCallOp*>(node.op.get());
    if (!op) throw refusal(node);
    const LayerCall given = op->call(node.inputs);
    Values masks = given.masks;
    masks.resize(given.inputs.size());
    for (size_t i = 0; i < masks.size(); ++i)
      if (!masks[i].defined() && !forgotten_.hides(given.inputs[i], node))
        masks[i] = mask_of(given.inputs[i]);
    SavedCall call;
    call.inputs = tensors(given.inputs);
    for (const auto& [name, argument] : given.named)
      if (const auto* values = std::get_if<Values>(&argument))
        call.named[name] = tensors(*values);
      else if (const auto* flag = std::get_if<bool>(&argument))
        call.named[name] = *flag;
      else
        call.named[name] = std::get<double>(argument);
    if (op->layer()->takes_masks())
      for (const Value& mask : masks) {
        if (mask.defined()) add_functions(mask, *op->layer());
        call.masks.push_back(mask.defined() ? std::optional(tensor(mask)) : std::nullopt);
      }
    if (std::none_of(call.masks.begin(), call.masks.end(), [](const auto& mask) { return mask.has_value(); }))
      call.masks.clear();
    numbers_[&node] = static_cast<int64_t>(calls_[op->layer().get()].size());
    calls_[op->layer().get()].push_back(std::move(call));
    masks_[&node] = op->layer()->compute_masks(given.inputs, masks);
  }

  // The calls that make a mask, where they are no part of the model itself.
  void add_functions(const Value& mask, const LayerBody& user) {
    for (const Node* node : Graph{body_.inputs(), {mask}, {}}.nodes()) {
      if (numbers_.count(node) || !is_call(*node)) continue;
      const auto* op = dynamic_cast<const LayerCallOp*>(node->op.get());
      if (!op) throw refusal(*node);
      op->layer()->set_name(unused_name(snake_case(op->layer()->class_name())));
      functions_[&user].emplace_back(op->layer());
      add(*node);
    }
  }

  // Functions are made whenever masks are asked for; in a file every name stands once.
  std::string unused_name(const std::string& base) {
    for (int number = 0;; ++number) {
      std::string name = number == 0 ? base : fmt::format("{}_{}", base, number);
      if (names_.insert(name).second) return name;
    }
  }

  Value mask_of(const Value& value) const {
    const auto found = masks_.find(&value.node());
    if (found == masks_.end() || static_cast<size_t>(value.output()) >= found->second.size()) return {};
    return found->second[static_cast<size_t>(value.output())];
  }

  const ModelBody& body_;
  ForgottenMasks forgotten_;
  std::map<const LayerBody*, std::vector<SavedCall>> calls_;
  std::map<const Node*, int64_t> numbers_;
  std::map<const Node*, Values> masks_;
  std::map<const LayerBody*, std::vector<Layer>> functions_;  // by the layer that takes the mask
  std::set<std::string> names_;
};

SavedLayer saved(const Layer& layer) {
  SavedLayer entry;
  entry.layer = layer;
  if (const ModelBody* inner = model_in(layer.body())) {
    entry.nested = std::make_shared<const SavedModel>(saved(*inner));
  } else {
    // Keras' wrappers keep what is inside under this name.
    for (const auto& [place, child] : layer.body().children())
      if (place == "layer") entry.wrapped = std::make_shared<const SavedLayer>(saved(Layer(child)));
  }
  return entry;
}

SavedModel saved(const ModelBody& body, bool training) {
  SavedModel model;
  model.name = body.name();
  model.trainable = body.trainable();
  model.class_name = body.class_name();
  if (training) model.compile_config = keras_training(body);
  model.mean_activity_penalties = body.mean_activity_penalties;
  model.assets = body.assets;
  const bool sequential = body.kind() == ModelBody::Kind::sequential;
  std::optional<CallNumbers> numbers;
  if (!sequential) numbers.emplace(body);
  for (const Layer& layer : body.layers()) {
    std::vector<Layer> layers = {layer};
    if (numbers) layers = numbers->functions_before(layer.body()), layers.push_back(layer);
    for (const Layer& each : layers) {
      SavedLayer entry = saved(each);
      if (numbers) entry.calls = numbers->calls(each.body());
      model.layers.push_back(std::move(entry));
    }
  }
  if (sequential) {
    if (body.has_graph()) {
      model.input = body.inputs()[0].type();
      model.input_name = body.input_names()[0];
    }
  } else {
    for (const Value& value : body.inputs()) model.inputs.push_back(numbers->reference(value));
    for (const Value& value : body.outputs()) model.outputs.push_back(numbers->reference(value));
    model.input_structure = body.input_structure;
    model.output_structure = body.output_structure;
  }
  return model;
}

// None when there is nothing to go on with. One that has not taken a step yet is written as it will begin, so
// that Keras opens the file without a warning.
std::vector<Parameter> optimizer_variables(const ModelBody& body) {
  if (!body.compiled || !body.has_graph()) return {};
  const Optimizer& given = body.training.optimizer;
  if (given->built()) return given->variables();
  const auto& known = optimizer_catalog();
  if (std::none_of(known.begin(), known.end(),
                   [&](const OptimizerRow& row) { return given->class_name() == row.class_name; }))
    return {};
  const Optimizer fresh = Optimizer::from_config(
      {{"class_name", given->class_name()}, {"config", given->settings()}}, "optimizer");
  fresh->build(body.trainable_weights());
  return fresh->variables();
}

std::vector<Tensor> optimizer_state(const ModelBody& body) {
  std::vector<Tensor> state;
  for (const Parameter& parameter : optimizer_variables(body)) state.push_back(parameter.value());
  return state;
}

bool weights_only(const std::string& path) { return path.ends_with(".weights.h5"); }

// Reading
// ------------------------------------------------------------------------------------------------------------

Model made(LoadedModel loaded) {
  if (loaded.class_name == "Sequential") {
    std::vector<SequentialItem> items;
    if (!loaded.inputs.empty()) items.emplace_back(loaded.inputs[0]);
    for (const Layer& layer : loaded.layers) items.emplace_back(layer);
    return Sequential(items, loaded.name);
  }
  const Model model(loaded.inputs, loaded.outputs, loaded.name);
  model.model().input_structure = std::move(loaded.input_structure);
  model.model().output_structure = std::move(loaded.output_structure);
  return model;
}

Layer nested_model(LoadedModel loaded) {
  const bool trainable = loaded.trainable;
  Model model = made(std::move(loaded));
  if (!trainable) model.set_trainable(false);
  return model;
}

void set_optimizer_state(ModelBody& body, const H5Reader& file, const std::string& path) {
  OptimizerBody& optimizer = *body.training.optimizer;
  const bool legacy = is_legacy(file);
  std::vector<Tensor> state = legacy ? read_legacy_optimizer(file, optimizer) : read_optimizer(file);
  if (state.empty()) return;
  optimizer.build(body.trainable_weights());
  std::vector<Parameter> variables = optimizer.variables();
  // Nadam's extra number stood before the slots in older versions.
  if (optimizer.class_name() == "Nadam" && state.size() > 2 && state.size() == variables.size() &&
      variables.back().shape().rank() == 0 && state.back().shape().rank() > 0)
    std::rotate(state.begin() + 2, state.begin() + 3, state.end());
  // Keras 2 gave SGD its momenta even when it used none.
  if (legacy && optimizer.class_name() == "SGD" && variables.size() <= 2 && state.size() > variables.size())
    state.resize(variables.size());
  // It did not save the product of Nadam's momenta, which follows from the steps.
  if (legacy && optimizer.class_name() == "Nadam" && state.size() + 1 == variables.size()) {
    double product = 1;
    const double beta = optimizer.settings()["beta_1"].get<double>(), steps = state[0].at(0);
    for (double step = 1; step <= steps && product > 0; ++step)
      product *= beta * (1 - 0.5 * std::pow(0.96, step));
    state.push_back(Tensor::scalar(product, floatx()));
  }
  // An optimizer saved before its first step has no slots yet.
  bool fits = variables.size() == state.size() || state.size() <= 2;
  for (size_t i = 0; fits && i < state.size(); ++i) fits = variables[i].shape() == state[i].shape();
  if (!fits) {
    warn(
        fmt::format("{}: the optimizer state does not fit {} and is left out; training starts "
                    "with fresh moments",
                    path, optimizer.class_name()));
    return;
  }
  for (size_t i = 0; i < state.size(); ++i) variables[i].set(state[i].cast(variables[i].dtype()));
}

void load_from(const H5Reader& file, const Model& model, LegacyMatch match) {
  if (is_legacy(file)) return load_legacy_weights(file, model.layers(), match);
  folio::load_weights(file, weight_tree(model.layers(), layers_of_nested));
}

}  // namespace

void Model::save(const std::string& path) const {
  const ModelBody& body = model();
  const WeightGroup tree = weight_tree(body.layers(), layers_of_nested);
  if (weights_only(path)) return write_keras_weights(path, tree, optimizer_state(body));
  if (path.ends_with(".h5"))
    return write_h5_file(path, legacy_file(saved(body), body.layers(), optimizer_variables(body)));
  if (!path.ends_with(".keras"))
    throw Error(path + ": expected a name that ends in .keras, .h5 or .weights.h5; choose one of them");
  write_keras_file(path, saved(body), tree, optimizer_state(body));
}

void save_with(const Model& model, const std::string& path, const std::vector<AddedMember>& added) {
  const ModelBody& body = model.model();
  // A program that goes on from a checkpoint compiles its model as before.
  write_keras_file(path, saved(body, !has_own_functions(body.training)),
                   weight_tree(body.layers(), layers_of_nested), optimizer_state(body), added);
}

void restore_training(const Model& model, const std::string& path) {
  const H5Reader file = open_keras_weights(path);
  OptimizerBody& optimizer = *model.optimizer();
  optimizer.build(model.model().trainable_weights());
  const std::vector<Tensor> state = read_optimizer(file);
  std::vector<Parameter> variables = optimizer.variables();
  bool fits = variables.size() == state.size();
  for (size_t i = 0; fits && i < state.size(); ++i) fits = variables[i].shape() == state[i].shape();
  if (!fits)
    throw Error(
        fmt::format("{}: expected the state of {} for {} weights, got another; it belongs to another "
                    "training",
                    path, optimizer.class_name(), model.model().trainable_weights().size()));
  load_from(file, model, LegacyMatch::by_name);
  for (size_t i = 0; i < state.size(); ++i) variables[i].set(state[i].cast(variables[i].dtype()));
}

Model load_architecture(const std::string& path) {
  const WeightLimit limit(static_cast<int64_t>(default_load_limit() / sizeof(float)));
  LoadedModel loaded = read_keras_model(path, nested_model);
  const std::shared_ptr<const Json> config = loaded.compile_config;
  const std::string place = path + ": " + loaded.compile_place;
  const bool trainable = loaded.trainable, mean_activity_penalties = loaded.mean_activity_penalties;
  Assets assets = std::move(loaded.assets);
  const Model model = made(std::move(loaded));
  model.model().mean_activity_penalties = mean_activity_penalties;
  model.model().assets = std::move(assets);
  if (!trainable) model.set_trainable(false);
  if (config && config->is_object() && !config->empty()) {
    const ModelBody& body = model.model();
    const auto outputs = body.has_graph() ? body.output_names() : std::vector<std::string>();
    model.compile(read_keras_training(*config, place, outputs));
  }
  return model;
}

Model Model::load(const std::string& path) {
  // The weights come first: what they hold limits what the architecture may ask for.
  std::optional<H5Reader> file;
  std::exception_ptr failure;
  try {
    file.emplace(open_keras_weights(path));
  } catch (const Error&) {
    failure = std::current_exception();
  }
  const WeightLimit limit(file ? file->elements() : std::numeric_limits<int64_t>::max());
  const Model model = load_architecture(path);
  if (!model.model().has_graph()) return model;  // saved before it was built: there are no weights
  if (failure) std::rethrow_exception(failure);
  load_from(*file, model, LegacyMatch::by_name);
  if (model.compiled()) set_optimizer_state(model.model(), *file, path);
  return model;
}

void Model::load_weights(const std::string& path) const {
  load_from(open_keras_weights(path), *this, LegacyMatch::by_order);
}

}  // namespace folio
