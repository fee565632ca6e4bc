#include "folio/layers/layer.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <map>
#include <mutex>
#include <nlohmann/json.hpp>

#include "folio/base/fields.h"
#include "folio/layers/call_recorder.h"
#include "folio/layers/layers_version.h"
#include "folio/layers/trace.h"
#include "folio/layers/weight_limit.h"

namespace folio {
namespace {

std::mutex names_mutex;
std::map<std::string, int> names_used;
std::atomic<DType> float_type{DType::float32};
std::atomic<uint64_t> seed_of_all{0};
std::atomic<uint32_t> weights_made{0};
std::atomic<uint64_t> version_of_layers{1};

// A name from a file is taken, so that a new layer beside it does not get it too: "dense_3" after "dense_2".
void note_name(const std::string& base, const std::string& name) {
  if (!name.starts_with(base)) return;
  int number = 0;
  if (name.size() > base.size()) {
    const char *begin = name.data() + base.size() + 1, *end = name.data() + name.size();
    const auto [stop, error] = std::from_chars(begin, end, number);
    if (name[base.size()] != '_' || begin == end || stop != end || error != std::errc() || number < 0 ||
        number > 1'000'000)
      return;
  }
  const std::lock_guard lock(names_mutex);
  int& used = names_used[base];
  used = std::max(used, number + 1);
}

// Errors in the settings of a layer that has no name yet.
template <class F>
void prefixed(const std::string& place, F&& f) {
  try {
    f();
  } catch (const Error& error) {
    throw Error(place + ": " + error.what());
  }
}

thread_local WeightLimit* weight_limit = nullptr;
thread_local int weight_outlines = 0;

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

void add_each_once(std::vector<Parameter>& all, const std::vector<Parameter>& more) {
  for (const Parameter& parameter : more)
    if (std::find(all.begin(), all.end(), parameter) == all.end()) all.push_back(parameter);
}

std::vector<Shape> shapes_of(const Values& values) {
  std::vector<Shape> shapes;
  for (const Value& value : values) shapes.push_back(value.shape());
  return shapes;
}

}  // namespace

WeightLimit::WeightLimit(int64_t elements) : left_(static_cast<double>(elements)), outer_(weight_limit) {
  if (!outer_) calls_left = kMostCalls;
  weight_limit = this;
}
WeightLimit::~WeightLimit() { weight_limit = outer_; }
bool weights_are_limited() { return weight_limit != nullptr; }

WeightOutline::WeightOutline() { ++weight_outlines; }
WeightOutline::~WeightOutline() { --weight_outlines; }

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

// A writer changes nothing; lists are written once, for readers too.
Json LayerBody::config() const {
  return written_fields([this](Fields& f) { const_cast<LayerBody*>(this)->fields(f); });
}

void LayerBody::finish(const std::string& name, bool trainable) {
  check_fields(class_name(), [this](Fields& f) { fields(f); });
  prefixed(class_name(), [this] { configured(); });
  set_name(name.empty() ? automatic_name(class_name()) : name);
  if (!trainable) set_trainable(false);
}

Layer layer_from_config(std::shared_ptr<LayerBody> body, const Json& config, const std::string& name,
                        const std::string& place) {
  read_fields(
      config, place, [&](Fields& f) { body->fields(f); }, kKerasEntries);
  prefixed(place, [&] { body->configured(); });
  body->set_name(name.empty() ? automatic_name(body->class_name()) : name);
  note_name(snake_case(body->class_name()), body->name());
  return Layer(std::move(body));
}

void LayerBody::note_call(const std::shared_ptr<const Node>& node) {
  std::erase_if(calls_, [](const auto& call) { return call.expired(); });
  calls_.push_back(node);
}

std::vector<std::shared_ptr<const Node>> LayerBody::call_nodes() const {
  std::vector<std::shared_ptr<const Node>> nodes;
  for (const auto& call : calls_)
    if (auto node = call.lock()) nodes.push_back(std::move(node));
  return nodes;
}

void LayerBody::set_trainable(bool trainable) {
  trainable_ = trainable;
  layers_changed();
  for (const auto& [name, child] : children()) child->set_trainable(trainable);
}

void LayerBody::ensure_built(const std::vector<Shape>& inputs) {
  if (built_) return;
  std::vector<Shape> inside;
  for (const Shape& shape : inputs) inside.push_back(data_format_.inside(shape));
  naming(*this, [&] { build(inside); });
  built_ = true;
}

std::vector<Parameter> LayerBody::weights() const {
  std::vector<Parameter> all = trainable_weights_;
  all.insert(all.end(), other_weights_.begin(), other_weights_.end());
  for (const auto& [name, child] : children()) add_each_once(all, child->weights());
  return all;
}

std::vector<Parameter> LayerBody::trainable_weights() const {
  std::vector<Parameter> result;
  if (!trainable_) return result;
  result = trainable_weights_;
  for (const auto& [name, child] : children()) add_each_once(result, child->trainable_weights());
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

bool LayerBody::takes_masks() const {
  for (const CallArgument& argument : arguments())
    if (argument.kind == CallArgument::Kind::mask) return true;
  return false;
}

Values LayerBody::named_call(LayerCall call, Effects& effects) {
  if (!takes_masks()) call.masks.clear();
  for (Value& input : call.inputs) input = data_format_.inside(input);
  Values outputs = naming(*this, [&] { return this->call(call, effects); });
  for (Value& output : outputs) output = data_format_.outside(output);
  return outputs;
}

Values LayerBody::traced_call(const LayerCall& call, Effects& effects) {
  spend_call();
  const Values outputs = named_call(call, effects);
  if (activity_regularizer_.defined())
    for (const Value& output : outputs) effects.losses.push_back(activity_regularizer_(output));
  CallRecorder::note(*this, call.inputs, outputs);
  return outputs;
}

Parameter LayerBody::make_weight(const std::string& role, const Shape& shape, const Initializer& initializer,
                                 bool trainable, DType type) {
  WeightLimit::spend(role, shape);
  const RandomStream stream{random_seed(), weights_made++, 0};
  Tensor first = weight_outlines > 0 ? Tensor::view(nullptr, shape, type)
                                     : initializer.make(shape, type, stream);
  Parameter parameter(name_ + "/" + role, std::move(first), trainable);
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

Values Layer::call(const Values& inputs, const CallOptions& options) const {
  if (!body_) throw Error("a layer was called that was never made");
  for (const Value& value : inputs)
    if (!value.defined()) throw Error(body_->label() + ": was called on an undefined value");
  body_->ensure_built(shapes_of(inputs));
  const Scope scope(body_->name());
  return naming(*body_, [&] { return recorded_call(body_, inputs, options.mask, options.named()); });
}

Value Layer::operator()(const Value& input, const CallOptions& options) const {
  return (*this)(Values{input}, options);
}

Value Layer::operator()(const Values& inputs, const CallOptions& options) const {
  const Values outputs = call(inputs, options);
  if (outputs.size() != 1)
    throw Error(
        fmt::format("{}: gives {} outputs; use call(…) and pick one", body_->label(), outputs.size()));
  return outputs[0];
}

namespace {

// The one node of a layer's calls.
std::shared_ptr<const Node> only_call(const LayerBody& body) {
  auto nodes = body.call_nodes();
  if (nodes.size() == 1) return std::move(nodes[0]);
  throw Error(fmt::format(
      "{}: expected a layer that was called once, got {} calls in models that live{}", body.label(),
      nodes.size(), nodes.empty() ? "; call it on a value first" : "; call it again on the value meant"));
}

}  // namespace

Value Layer::input() const { return only_call(*body_)->inputs.at(0); }
Value Layer::output() const { return {only_call(*body_), 0}; }

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

std::string snake_case(const std::string& text) {
  // Keras has two names for it; this one counts where names and places of weights are made of it.
  if (text == "GroupQueryAttention") return "grouped_query_attention";
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

uint64_t layers_version() { return version_of_layers.load(std::memory_order_acquire); }
void layers_changed() { version_of_layers.fetch_add(1, std::memory_order_acq_rel); }

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
