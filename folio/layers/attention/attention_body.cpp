#include "folio/layers/attention/attention_body.h"

#include <fmt/format.h>

#include "folio/layers/attention/attention_masks.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/ops/dropout.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/matmul.h"
#include "folio/ops/reshape.h"
#include "folio/ops/softmax.h"

namespace folio {
namespace {

// What Keras takes off scores that are masked.
constexpr double kMuch = 1e9;

void check(const std::vector<Shape>& inputs) {
  if (inputs.size() < 2 || inputs.size() > 3)
    throw Error(fmt::format("expects [query, value] or [query, value, key], got {} inputs", inputs.size()));
  for (const Shape& shape : inputs)
    if (shape.rank() != 3)
      throw Error("expects inputs of 3 dimensions (batch, steps, features), got " + to_string(shape));
  const Shape &query = inputs[0], &value = inputs[1], &key = inputs.back();
  const auto differ = [](int64_t a, int64_t b) { return a != b && a != kUnknown && b != kUnknown; };
  if (differ(query[2], key[2]))
    throw Error(fmt::format("expects queries and keys of as many features, got {} and {}", to_string(query),
                            to_string(key)));
  if (differ(value[1], key[1]))
    throw Error(fmt::format("expects a value for each key, got {} and {}", to_string(value), to_string(key)));
}

std::vector<Shape> shapes_of(const Values& values) {
  std::vector<Shape> shapes;
  for (const Value& value : values) shapes.push_back(value.shape());
  return shapes;
}

}  // namespace

void AttentionBody::build(const std::vector<Shape>& inputs) {
  check(inputs);
  if (inputs[0][2] == kUnknown)
    throw Error("needs to know the number of features, got " + to_string(inputs[0]) +
                "; give Input a complete shape");
  build_scores(inputs[0][2]);
}

CallArgumentList AttentionBody::arguments() const {
  return {CallArgument::mask(), CallArgument::training(false), CallArgument::flag("return_attention_scores"),
          CallArgument::flag("use_causal_mask")};
}

Values AttentionBody::call(const LayerCall& call, Effects& effects) {
  check(shapes_of(call.inputs));
  const uint32_t site = effects.random_site();
  const Value &query = call.input(), &value = call.input(1), &key = call.inputs.back();
  Value scored = scores(query, key);
  // Of the key's own mask Keras takes no notice here.
  const DType type = query.dtype();
  const Value counts = both(mask_of_keys(call.mask(1), type),
                            call.flag("use_causal_mask") ? causal_mask(query, key, type) : Value());
  if (counts.defined()) scored = scored - kMuch * (1.0 - counts);
  Value weights = softmax(scored);
  if (call.training && dropout_ > 0) {
    if (!call.step.defined()) throw Error("needs the number of the step while training; trace it with .step");
    weights = dropout(weights, call.step, dropout_, seed_ ? static_cast<uint64_t>(*seed_) : call.seed, site);
  }
  Value output = matmul(weights, value);
  if (const Value mask = mask_of_queries(call.mask(), type); mask.defined()) output = output * mask;
  return call.flag("return_attention_scores") ? Values{output, weights} : Values{output};
}

void AttentionBody::first_field(Fields& f) { f("use_scale", use_scale_); }

void AttentionBody::last_fields(Fields& f) {
  f("dropout", dropout_, {.least = 0, .below = 1});
  f("seed", seed_, {.sparing = true});
}

}  // namespace folio
