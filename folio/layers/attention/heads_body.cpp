#include "folio/layers/attention/heads_body.h"

#include <fmt/format.h>

#include <cmath>
#include <numeric>

#include "folio/layers/attention/attention_masks.h"
#include "folio/layers/attention/head_attention.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/layers/trace.h"
#include "folio/ops/attention.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

void check(const std::vector<Shape>& inputs) {
  if (inputs.size() < 2 || inputs.size() > 3)
    throw Error(
        fmt::format("expects {{query, value}} or {{query, value, key}}, got {} inputs", inputs.size()));
  const Shape &query = inputs[0], &value = inputs[1], &key = inputs.back();
  for (const Shape& shape : inputs)
    if (shape.rank() < 3 || shape.rank() != query.rank())
      throw Error(
          fmt::format("expects inputs of equally many dimensions (batch, steps, …, features), got {} "
                      "and {}",
                      to_string(query), to_string(shape)));
  if (!compatible(value.with(-1, 1), key.with(-1, 1).with(0, value[0])))
    throw Error(fmt::format("expects a value for each key, got {} and {}", to_string(value), to_string(key)));
}

// "abc,cde->abde" for 2 dimensions that stay, 1 that is summed over and 2 new ones.
std::string equation(int stay, int summed, int made) {
  char next = 'a';
  const auto letters = [&](int count) {
    std::string text;
    for (int i = 0; i < count; ++i) text += next++;
    return text;
  };
  const std::string a = letters(stay), b = letters(summed), c = letters(made);
  return a + b + "," + b + c + "->" + a + c;
}

}  // namespace

std::vector<int> HeadsBody::axes(int rank) const {
  std::vector<int> all(static_cast<size_t>(rank - 2));
  std::iota(all.begin(), all.end(), 1);
  return all;
}

std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> HeadsBody::children() const {
  if (!query_.defined()) return {};
  const auto named = [&](const char* name) { return std::string(place()) + name; };
  return {{named("query_dense"), query_.handle()},
          {named("key_dense"), key_.handle()},
          {named("value_dense"), value_.handle()},
          {named("output_dense"), output_.handle()}};
}

void HeadsBody::build(const std::vector<Shape>& inputs) {
  check(inputs);
  const HeadSizes heads = sizes();
  const int stay = inputs[0].rank() - 1;
  const auto projection = [&](const char* name, const Shape& input, int summed, std::vector<int64_t> made) {
    const HeadOptions& o = options_;
    const auto count = static_cast<int>(made.size());
    const std::string letters = equation(stay, summed, count);
    made.insert(made.begin(), static_cast<size_t>(stay - 1), kUnknown);
    const Layer layer = EinsumDense(
        letters, made,
        {.bias_axes = o.use_bias ? letters.substr(letters.size() - static_cast<size_t>(count)) : "",
         .kernel_initializer = o.kernel_initializer,
         .bias_initializer = o.bias_initializer,
         .kernel_regularizer = o.kernel_regularizer,
         .bias_regularizer = o.bias_regularizer,
         .activity_regularizer = o.activity_regularizer,
         .kernel_constraint = o.kernel_constraint,
         .bias_constraint = o.bias_constraint,
         .name = name,
         .trainable = trainable()});
    layer.body().ensure_built({input});
    return layer;
  };
  const Shape &query = inputs[0], &value = inputs[1], &key = inputs.back();
  query_ = projection("query", query, 1, {heads.queries, heads.key_width});
  key_ = projection("key", key, 1, {heads.keys, heads.key_width});
  value_ = projection("value", value, 1, {heads.keys, heads.value_width});
  output_ = projection("attention_output", query.with(-1, heads.queries).joined({heads.value_width}), 2,
                       output_sizes(query[-1]));
}

CallArgumentList HeadsBody::arguments() const {
  using Kind = CallArgument::Kind;
  return {{"query", Kind::input},
          {"value", Kind::input},
          {"key", Kind::input},
          {"query_mask", Kind::mask, {}, 0},
          {"value_mask", Kind::mask, {}, 1},
          {"key_mask", Kind::mask, {}, 2},
          CallArgument::value("attention_mask"),
          CallArgument::flag("return_attention_scores"),
          CallArgument::training(),
          CallArgument::flag("use_causal_mask")};
}

Values HeadsBody::call(const LayerCall& call, Effects& effects) {
  std::vector<Shape> shapes;
  for (const Value& input : call.inputs) shapes.push_back(input.shape());
  check(shapes);
  const auto projected = [&](const Layer& layer, const Value& x) {
    return call_within(call, effects, layer, {x})[0];
  };
  HeadAttention attention;
  attention.query = projected(query_, call.input(0));
  attention.key = projected(key_, call.inputs.back());
  attention.value = projected(value_, call.input(1));
  attention.axes = axes(call.input().rank());
  attention.masks = HeadMasks::of(call);
  attention.scores_wanted = call.flag("return_attention_scores");
  attention.dropout = options_.dropout;
  const uint32_t site = effects.random_site();
  if (call.training && options_.dropout > 0) {
    if (!call.step.defined()) throw Error("needs the number of the step while training; trace it with .step");
    attention.place =
        RandomPlace{call.step, options_.seed ? static_cast<uint64_t>(*options_.seed) : call.seed, site};
  }
  const Attended attended = attend(attention);
  const Value output = projected(output_, attended.output);
  return attention.scores_wanted ? Values{output, attended.scores} : Values{output};
}

HeadCache HeadsBody::make_cache(int64_t batch, int64_t longest) const {
  const HeadSizes heads = sizes();
  const auto zeros = [&](const char* role, int64_t width) {
    return Parameter(name() + "/" + role, Tensor::filled({batch, longest, heads.keys, width}, 0, floatx()),
                     false);
  };
  return {zeros("cached_keys", heads.key_width), zeros("cached_values", heads.value_width)};
}

Value HeadsBody::projected(const Layer& layer, const Value& x, Effects& effects) const {
  const LayerCall call{.inputs = {x}, .step = constant(0, DType::int64)};
  return call_within(call, effects, layer, {x})[0];
}

double HeadsBody::scale() const { return 1 / std::sqrt(static_cast<double>(sizes().key_width)); }

Value HeadsBody::cached_step(const Value& x, const HeadCache& cache, const Value& place, Effects& effects) {
  const int64_t longest = cache.keys.shape()[1];
  const DType type = cache.keys.dtype();
  const Value here = reshape(one_hot(place, longest, type), {1, longest, 1, 1});
  const auto with_this = [&](const Parameter& kept, const Value& now) {
    const Value all = select(here, now, Value(kept));
    effects.updates.push_back({kept, all});
    return all;
  };
  const Value keys = with_this(cache.keys, projected(key_, x, effects));
  const Value values = with_this(cache.values, projected(value_, x, effects));
  Tensor numbers({1, 1, 1, longest}, type);
  for (int64_t i = 0; i < longest; ++i) numbers.set(i, static_cast<double>(i));
  const Value seen = constant(numbers) <= reshape(cast(place, type), {1, 1, 1, 1});
  const Value looked = attention(projected(query_, x, effects), keys, values, {.scale = scale()},
                                 {.queries = {}, .keys = {}, .pairs = seen});
  return projected(output_, looked, effects);
}

std::pair<Value, Value> HeadsBody::projected_memory(const Value& value, const Value& key, Effects& effects) {
  return {projected(key_, key, effects), projected(value_, value, effects)};
}

Value HeadsBody::step_over(const Value& x, const Value& keys, const Value& values, const Value& mask,
                           Effects& effects) {
  const Value query = projected(query_, x, effects);
  const Value looked =
      attention(query, keys, values, {.scale = scale(), .zero_where_masked = options_.dropout > 0},
                {.queries = {}, .keys = truth_of(mask, query.dtype()), .pairs = {}});
  return projected(output_, looked, effects);
}

void HeadsBody::dropout_field(Fields& f) { f("dropout", options_.dropout, {.least = 0, .below = 1}); }
void HeadsBody::bias_field(Fields& f) { f("use_bias", options_.use_bias); }

void HeadsBody::rest_of_fields(Fields& f) {
  HeadOptions& o = options_;
  weight_fields(f, "kernel", o.kernel_initializer, o.kernel_regularizer, o.kernel_constraint);
  weight_fields(f, "bias", o.bias_initializer, o.bias_regularizer, o.bias_constraint);
  f("activity_regularizer", o.activity_regularizer);
  f("seed", o.seed, {.sparing = true});  // came after Keras 3.0
  f.ignore_any("flash_attention");
}

}  // namespace folio
