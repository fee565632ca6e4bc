#include "folio/layers/layer.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "folio/base/error.h"
#include "folio/layers/call_recorder.h"

namespace folio {
namespace {

std::mutex names_mutex;
std::map<std::string, int> names_used;
std::atomic<DType> float_type{DType::float32};
std::atomic<uint64_t> seed_of_all{0};
std::atomic<uint32_t> weights_made{0};

// Errors inside a layer's code tell which layer; those that already do pass through.
template <class F>
decltype(auto) naming(const LayerBody& layer, F&& f) {
  try {
    return f();
  } catch (const Error& error) {
    if (std::string(error.what()).starts_with(layer.label())) throw;
    throw Error(layer.label() + ": " + error.what());
  }
}

thread_local WeightLimit* weight_limit = nullptr;

/// Models within models may call each other over and over: a small file, and endless to follow. So calls
/// within a limit are counted, each time that they are traced; this is many times what models have.
constexpr int64_t kMostCalls = 100'000;
thread_local int64_t calls_left = 0;

void spend_call() {
  if (weight_limit && --calls_left < 0)
    throw Error(
        fmt::format("expected at most {} calls of layers, those in models within models counted, got more; "
                    "the file is not safe to use",
                    kMostCalls));
}

std::vector<Shape> shapes_of(const Values& values) {
  std::vector<Shape> shapes;
  for (const Value& value : values) shapes.push_back(value.shape());
  return shapes;
}

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
  Values from, to, wanted;
  for (size_t i = 0; i < inputs.size(); ++i) from.push_back(symbols[i]), to.push_back(inputs[i]);
  for (size_t i = 0; i < masks.size(); ++i)
    if (masks[i].defined()) from.push_back(mask_symbols[i]), to.push_back(masks[i]);
  for (const Value& mask : result)
    if (mask.defined()) wanted.push_back(mask);
  CallContext context;
  const Values traced = retrace(wanted, from, to, context);
  size_t next = 0;
  for (Value& mask : result)
    if (mask.defined()) mask = traced[next++];
  return result;
}

}  // namespace

WeightLimit::WeightLimit(int64_t elements) : left_(static_cast<double>(elements)), outer_(weight_limit) {
  if (!outer_) calls_left = kMostCalls;
  weight_limit = this;
}
WeightLimit::~WeightLimit() { weight_limit = outer_; }

void WeightLimit::spend(const std::string& weight, const Shape& shape) {
  double elements = 1;  // not a whole number, which might overflow
  for (int64_t size : shape) elements *= static_cast<double>(size);
  for (WeightLimit* limit = weight_limit; limit; limit = limit->outer_) {
    if (elements > limit->left_)
      throw Error(
          fmt::format("weight \"{}\" of {}: expected at most {:.0f} more elements, as the file can hold; "
                      "the file is damaged",
                      weight, to_string(shape), limit->left_));
    limit->left_ -= elements;
  }
}

Values LayerBody::compute_masks(const Values&, const Values& masks) const {
  return supports_masking() && !masks.empty() ? Values{masks[0]} : Values{};
}

Json LayerBody::config() const { return Json::object(); }

void LayerBody::set_trainable(bool trainable) {
  trainable_ = trainable;
  for (const auto& [name, child] : children()) child->set_trainable(trainable);
}

void LayerBody::ensure_built(const std::vector<Shape>& inputs) {
  if (built_) return;
  naming(*this, [&] { build(inputs); });
  built_ = true;
}

std::vector<Parameter> LayerBody::weights() const {
  std::vector<Parameter> all = trainable_weights_;
  all.insert(all.end(), other_weights_.begin(), other_weights_.end());
  return all;
}

std::vector<Parameter> LayerBody::trainable_weights() const {
  std::vector<Parameter> result;
  if (!trainable_) return result;
  result = trainable_weights_;
  for (const auto& [name, child] : children())
    for (const Parameter& parameter : child->trainable_weights()) result.push_back(parameter);
  return result;
}

std::vector<Parameter> LayerBody::non_trainable_weights() const {
  std::vector<Parameter> result;
  const auto trained = trainable_weights();
  for (const Parameter& parameter : weights())
    if (std::find(trained.begin(), trained.end(), parameter) == trained.end()) result.push_back(parameter);
  return result;
}

std::vector<RegularizedWeight> LayerBody::regularized_weights() const {
  if (!trainable_) return {};
  std::vector<RegularizedWeight> result = regularized_;
  for (const auto& [name, child] : children())
    for (const RegularizedWeight& weight : child->regularized_weights()) result.push_back(weight);
  return result;
}

std::vector<ConstrainedWeight> LayerBody::constrained_weights() const {
  if (!trainable_) return {};
  std::vector<ConstrainedWeight> result = constrained_;
  for (const auto& [name, child] : children())
    for (const ConstrainedWeight& weight : child->constrained_weights()) result.push_back(weight);
  return result;
}

bool LayerBody::mixes_rows() const {
  for (const auto& [name, child] : children())
    if (child->mixes_rows()) return true;
  return false;
}

Values LayerBody::named_call(const Values& inputs, CallContext& context) {
  return naming(*this, [&] { return call(inputs, context); });
}

Values LayerBody::traced_call(const Values& inputs, CallContext& context) {
  spend_call();
  const Values outputs = named_call(inputs, context);
  if (activity_regularizer_.defined())
    for (const Value& output : outputs) context.losses.push_back(activity_regularizer_(output));
  CallRecorder::note(*this, inputs, outputs);
  return outputs;
}

Parameter LayerBody::make_weight(const std::string& role, const Shape& shape, const Initializer& initializer,
                                 bool trainable, DType type) {
  WeightLimit::spend(role, shape);
  const RandomStream stream{random_seed(), weights_made++, 0};
  Parameter parameter(name_ + "/" + role, initializer.make(shape, type, stream), trainable);
  (trainable ? trainable_weights_ : other_weights_).push_back(parameter);
  return parameter;
}

Parameter LayerBody::add_weight(const std::string& role, Shape shape, const Initializer& initializer,
                                bool trainable) {
  return make_weight(role, shape, initializer, trainable, floatx());
}

Parameter LayerBody::add_weight(const std::string& role, Shape shape, const Initializer& initializer,
                                const Regularizer& regularizer) {
  const Parameter parameter = add_weight(role, std::move(shape), initializer);
  if (regularizer.defined()) regularized_.push_back({parameter, regularizer});
  return parameter;
}

Parameter LayerBody::add_weight(const std::string& role, Shape shape, const WeightRules& rules) {
  const Parameter parameter = add_weight(role, std::move(shape), rules.initializer, rules.regularizer);
  if (rules.constraint.defined()) constrained_.push_back({parameter, rules.constraint});
  return parameter;
}

Parameter LayerBody::add_state(const std::string& role, Shape shape, DType type) {
  return make_weight(role, shape, "zeros", false, type);
}

Values Layer::call(const Values& inputs, const Values& masks) const {
  if (!body_) throw Error("a layer was called that was never made");
  for (const Value& value : inputs)
    if (!value.defined()) throw Error(body_->label() + ": was called on an undefined value");
  body_->ensure_built(shapes_of(inputs));
  Values all = inputs;
  std::vector<size_t> masked;
  for (size_t i = 0; i < masks.size(); ++i)
    if (masks[i].defined()) masked.push_back(i), all.push_back(masks[i]);
  if (masks.size() > inputs.size())
    throw Error(fmt::format("{}: expected at most a mask for each of {} inputs, got {}", body_->label(),
                            inputs.size(), masks.size()));
  const Scope scope(body_->name());
  return naming(*body_, [&] { return folio::apply(std::make_shared<LayerCallOp>(body_, masked), all); });
}

Value Layer::operator()(const Value& input) const { return (*this)(Values{input}); }

Value Layer::operator()(const Values& inputs) const {
  const Values outputs = call(inputs);
  if (outputs.size() != 1)
    throw Error(
        fmt::format("{}: gives {} outputs; use call(…) and pick one", body_->label(), outputs.size()));
  return outputs[0];
}

std::vector<Tensor> Layer::get_weights() const {
  std::vector<Tensor> result;
  for (const Parameter& parameter : weights()) result.push_back(parameter.value().clone());
  return result;
}

void Layer::set_weights(const std::vector<Tensor>& tensors) const {
  std::vector<Parameter> parameters = weights();
  if (tensors.size() != parameters.size())
    throw Error(
        fmt::format("{}: expected {} weights, got {}", body_->label(), parameters.size(), tensors.size()));
  for (size_t i = 0; i < tensors.size(); ++i)
    if (tensors[i].shape() != parameters[i].shape())
      throw Error(fmt::format("{}, weight \"{}\": expected shape {}, got {}", body_->label(),
                              parameters[i].name(), to_string(parameters[i].shape()),
                              to_string(tensors[i].shape())));
  for (size_t i = 0; i < tensors.size(); ++i) parameters[i].set(tensors[i].cast(parameters[i].dtype()));
}

LayerCallOp::Arguments LayerCallOp::arguments(const Values& node_inputs) const {
  const size_t count = node_inputs.size() - masked_.size();
  Arguments result{{node_inputs.begin(), node_inputs.begin() + static_cast<std::ptrdiff_t>(count)}, {}};
  if (!masked_.empty()) result.masks.resize(count);
  for (size_t i = 0; i < masked_.size(); ++i) result.masks[masked_[i]] = node_inputs[count + i];
  return result;
}

Types LayerCallOp::infer(const Types& in) const {
  Values placeholders;
  for (const TensorType& type : in) placeholders.push_back(input(type.shape, type.dtype));
  const Arguments given = arguments(placeholders);
  CallContext context;
  context.masks = given.masks;
  Types types;
  for (const Value& value : layer_->call(given.inputs, context)) types.push_back(value.type());
  return types;
}

void LayerCallOp::define(const Views&, const Views&) const {
  throw InternalError("a layer call was compiled without being traced");
}

Values retrace(const Values& outputs, const Values& inputs, const Values& actual, CallContext& context) {
  struct Traced {
    Values values, masks;  // masks may be fewer
    Value mask(int output) const {
      return static_cast<size_t>(output) < masks.size() ? masks[static_cast<size_t>(output)] : Value();
    }
  };
  std::unordered_map<const Node*, Traced> done;
  for (size_t i = 0; i < inputs.size(); ++i) done[&inputs[i].node()] = {{actual[i]}, {context.mask(i)}};
  const auto traced = [&](const Value& value) -> const Traced& { return done.at(&value.node()); };
  const auto call = [&](const LayerCallOp& op, const Node& node, const Values& in) {
    LayerCallOp::Arguments arguments = op.arguments(in);
    // A mask that was given goes before the one that came along.
    arguments.masks.resize(arguments.inputs.size());
    for (size_t i = 0; i < arguments.masks.size(); ++i)
      if (!arguments.masks[i].defined())
        arguments.masks[i] = traced(node.inputs[i]).mask(node.inputs[i].output());
    LayerBody& layer = *op.layer();
    const Scope scope(layer.name());
    return naming(layer, [&] {
      context.masks = any_defined(arguments.masks) ? arguments.masks : Values{};
      context.output_masks.reset();
      Traced result;
      result.values = layer.traced_call(arguments.inputs, context);
      result.masks = context.output_masks ? *context.output_masks
                                          : traced_masks(layer, arguments.inputs, arguments.masks);
      return result;
    });
  };
  for (const Node* node : Graph{inputs, outputs, {}}.nodes()) {
    if (done.count(node)) continue;
    Values in;
    for (const Value& value : node->inputs)
      in.push_back(traced(value).values[static_cast<size_t>(value.output())]);
    if (const auto* op = dynamic_cast<const LayerCallOp*>(node->op.get())) {
      done[node] = call(*op, *node, in);
    } else {
      done[node] = {folio::apply(node->op, in), {}};
    }
  }
  Values result, masks;
  for (const Value& value : outputs) {
    result.push_back(traced(value).values[static_cast<size_t>(value.output())]);
    masks.push_back(traced(value).mask(value.output()));
  }
  context.masks.clear();
  context.output_masks = std::move(masks);
  return result;
}

std::string snake_case(const std::string& text) {
  const auto upper = [](char c) { return c >= 'A' && c <= 'Z'; };
  const auto lower = [](char c) { return (c >= 'a' && c <= 'z'); };
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  std::string result;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool word_starts = upper(c) && i > 0 && i + 1 < text.size() && lower(text[i + 1]);
    const bool after_lower = upper(c) && i > 0 && (lower(text[i - 1]) || digit(text[i - 1]));
    if ((word_starts || (after_lower && lower(text[i - 1]))) && !result.empty() && result.back() != '_')
      result += '_';
    result += upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

std::string automatic_name(const std::string& class_name) {
  const std::lock_guard lock(names_mutex);
  const std::string base = snake_case(class_name);
  const int number = names_used[base]++;
  return number == 0 ? base : base + "_" + std::to_string(number);
}

void reset_names() {
  const std::lock_guard lock(names_mutex);
  names_used.clear();
}

DType floatx() { return float_type; }
void set_floatx(DType type) {
  if (!is_floating(type)) throw Error("floatx: expected float32 or float64, got " + to_string(type));
  float_type = type;
}

void set_random_seed(uint64_t seed) {
  seed_of_all = seed;
  weights_made = 0;
}
uint64_t random_seed() { return seed_of_all; }

}  // namespace folio
