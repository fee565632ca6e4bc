#include "folio/layers/attention/attention_masks.h"

#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reshape.h"

namespace folio {

Value truth_of(const Value& mask, DType type) {
  if (!mask.defined()) return {};
  const Value numbers = mask.dtype() == type ? mask : cast(mask, type);
  return stop_gradient(not_equal(numbers, constant(0, type)));
}

Value both(const Value& a, const Value& b) {
  if (!a.defined()) return b;
  return b.defined() ? a * b : a;
}

Value mask_of_queries(const Value& mask, DType type) {
  return mask.defined() ? truth_of(reshape(mask, mask.shape().inserted(mask.rank(), 1)), type) : Value();
}

Value mask_of_keys(const Value& mask, DType type) {
  return mask.defined() ? truth_of(reshape(mask, mask.shape().inserted(mask.rank() - 1, 1)), type) : Value();
}

Value causal_mask(const Value& query, const Value& key, DType type) {
  const int64_t queries = query.shape()[1], keys = key.shape()[1];
  if (queries == kUnknown || keys == kUnknown) return {};
  Tensor mask({1, queries, keys}, type);
  for (int64_t t = 0; t < queries; ++t)
    for (int64_t s = 0; s < keys; ++s) mask.set(t * keys + s, s <= t ? 1 : 0);
  return constant(std::move(mask));
}

HeadMasks HeadMasks::of(const LayerCall& call) {
  return {call.mask(0), call.mask(1), call.mask(2), call.value("attention_mask"),
          call.flag("use_causal_mask")};
}

Value HeadMasks::merged(const Value& query, const Value& key) const {
  const DType type = query.dtype();
  Value all = both(mask_of_queries(queries, type), mask_of_keys(values, type));
  all = both(all, mask_of_keys(keys, type));
  if (causal) all = both(all, causal_mask(query, key, type));
  const Value given = truth_of(attention, type);
  // What holds for all heads, beside one for each head.
  if (given.defined() && all.defined() && given.rank() > all.rank())
    all = mask_for_scores(all, given.rank(), 2);
  return both(given, all);
}

Value mask_for_scores(const Value& mask, int rank, int steps) {
  Shape shape = mask.shape();
  if (shape.rank() < steps)
    throw Error("attention_mask: expected at least " + std::to_string(steps) + " dimensions, got " +
                to_string(shape));
  while (shape.rank() < rank) shape = shape.inserted(shape.rank() - steps, 1);
  return reshape(mask, shape);
}

}  // namespace folio
