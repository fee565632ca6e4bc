#include "folio/models/transformer/blocks.h"

#include <fmt/format.h>

#include <cmath>

#include "folio/layers/attention/multi_head_attention.h"
#include "folio/layers/core/dense.h"
#include "folio/layers/core/embedding.h"
#include "folio/layers/core/function.h"
#include "folio/layers/merging/merge.h"
#include "folio/layers/normalization/layer_normalization.h"
#include "folio/layers/regularization/dropout.h"

namespace folio {
namespace {

constexpr double kEpsilon = 1e-6;

Value normalized(const Value& x) { return LayerNormalization({.epsilon = kEpsilon})(x); }

// x and what a part makes of it, one of them normalized.
template <class Part>
Value residual(const Value& x, const TransformerOptions& o, Part&& part) {
  Value y = part(o.norm_first ? normalized(x) : x);
  if (o.dropout > 0) y = Dropout(o.dropout)(y);
  const Value sum = Add()({x, y});
  return o.norm_first ? sum : normalized(sum);
}

Value attended(const Value& query, const Value& value, const TransformerOptions& o, const Value& mask,
               bool causal) {
  CallOptions call;
  if (mask.defined()) call.mask = {Value(), mask};
  if (causal) call.use_causal_mask = true;
  return MultiHeadAttention(o.heads, o.width / o.heads)({query, value}, call);
}

Value connected(const Value& x, const TransformerOptions& o) {
  return Dense(o.width)(Dense(o.hidden, {.activation = o.activation})(x));
}

Value function(const char* name, const Values& inputs) {
  return Layer(make_body<FunctionBody>("", true, name))(inputs);
}

int64_t known_steps(const Value& x) {
  if (x.rank() < 2 || x.shape()[1] == kUnknown)
    throw Error("positions: expected to know the number of steps, got " + to_string(x.shape()) +
                "; give Input a complete shape");
  return x.shape()[1];
}

}  // namespace

void check_transformer(const TransformerOptions& o) {
  for (const auto& [name, size] :
       {std::pair{"blocks", o.blocks}, {"heads", o.heads}, {"width", o.width}, {"hidden", o.hidden}})
    if (size < 1) throw Error(fmt::format("{}: expected at least 1, got {}", name, size));
  if (o.width % o.heads != 0)
    throw Error(fmt::format("width: expected a multiple of {} heads, got {}", o.heads, o.width));
}

Value transformer_encoder(const Value& x, const TransformerOptions& options, const Value& mask, bool causal) {
  const Value y =
      residual(x, options, [&](const Value& in) { return attended(in, in, options, mask, causal); });
  return residual(y, options, [&](const Value& in) { return connected(in, options); });
}

Value transformer_decoder(const Value& x, const Value& memory, const TransformerOptions& options,
                          const Value& memory_mask) {
  Value y = residual(x, options, [&](const Value& in) { return attended(in, in, options, {}, true); });
  y = residual(y, options,
               [&](const Value& in) { return attended(in, memory, options, memory_mask, false); });
  return residual(y, options, [&](const Value& in) { return connected(in, options); });
}

Value transformer_end(const Value& x, const TransformerOptions& options) {
  return options.norm_first ? normalized(x) : x;
}

Tensor sinusoidal_positions(int64_t steps, int64_t width) {
  Tensor table({steps, width}, floatx());
  for (int64_t t = 0; t < steps; ++t)
    for (int64_t i = 0; i < width; ++i) {
      const double pair = static_cast<double>(i - i % 2) / static_cast<double>(width);
      const double angle = static_cast<double>(t) / std::pow(10000.0, pair);
      table.set(t * width + i, i % 2 == 0 ? std::sin(angle) : std::cos(angle));
    }
  return table;
}

Value with_sinusoidal_positions(const Value& x) {
  return function("Add", {x, constant(sinusoidal_positions(known_steps(x), x.shape()[-1]))});
}

Value learned_positions(const Value& ids, int64_t width) {
  const int64_t steps = known_steps(ids);
  Tensor places({steps}, floatx());
  for (int64_t t = 0; t < steps; ++t) places.set(t, static_cast<double>(t));
  const Value none = function("Multiply", {ids, constant(0, floatx())});
  return Embedding(steps, width)(function("Add", {none, constant(places)}));
}

}  // namespace folio
