#include "folio/layers/layer.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "folio/base/error.h"

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

std::vector<Shape> shapes_of(const Values& values) {
  std::vector<Shape> shapes;
  for (const Value& value : values) shapes.push_back(value.shape());
  return shapes;
}

}  // namespace

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

Parameter LayerBody::add_weight(const std::string& role, Shape shape, const Initializer& initializer,
                                bool trainable) {
  const RandomStream stream{random_seed(), weights_made++, 0};
  Parameter parameter(name_ + "/" + role, initializer.make(shape, floatx(), stream), trainable);
  (trainable ? trainable_weights_ : other_weights_).push_back(parameter);
  return parameter;
}

Values Layer::call(const Values& inputs) const {
  if (!body_) throw Error("a layer was called that was never made");
  for (const Value& value : inputs)
    if (!value.defined()) throw Error(body_->label() + ": was called on an undefined value");
  body_->ensure_built(shapes_of(inputs));
  const Scope scope(body_->name());
  return naming(*body_, [&] { return folio::apply(std::make_shared<LayerCallOp>(body_), inputs); });
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

Types LayerCallOp::infer(const Types& in) const {
  Values placeholders;
  for (const TensorType& type : in) placeholders.push_back(input(type.shape, type.dtype));
  CallContext context;
  Types types;
  for (const Value& value : layer_->call(placeholders, context)) types.push_back(value.type());
  return types;
}

void LayerCallOp::define(const Views&, const Views&) const {
  throw InternalError("a layer call was compiled without being traced");
}

Values retrace(const Values& outputs, const Values& inputs, const Values& actual, CallContext& context) {
  std::unordered_map<const Node*, Values> done;
  for (size_t i = 0; i < inputs.size(); ++i) done[&inputs[i].node()] = {actual[i]};
  for (const Node* node : Graph{inputs, outputs, {}}.nodes()) {
    if (done.count(node)) continue;
    Values in;
    for (const Value& value : node->inputs)
      in.push_back(done.at(&value.node())[static_cast<size_t>(value.output())]);
    if (const auto* call = dynamic_cast<const LayerCallOp*>(node->op.get())) {
      const Scope scope(call->layer()->name());
      done[node] = naming(*call->layer(), [&] { return call->layer()->call(in, context); });
    } else {
      done[node] = folio::apply(node->op, in);
    }
  }
  Values result;
  for (const Value& value : outputs)
    result.push_back(done.at(&value.node())[static_cast<size_t>(value.output())]);
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
