#include "folio/ops/flip.h"

#include <cstring>

#include "folio/base/error.h"

namespace folio {

Values FlipOp::gradient(const GradientContext& g) const { return {flip(g.output_gradients[0], axis_)}; }

void FlipOp::define(const Views& in, const Views& out) const {
  const Shape& shape = in[0].shape();
  const int64_t outer = shape.count(0, axis_), count = shape[axis_];
  const int64_t block = shape.count(axis_ + 1, shape.rank()) * size_of(in[0].type.dtype);
  for (int64_t o = 0; o < outer; ++o)
    for (int64_t i = 0; i < count; ++i)
      std::memcpy(static_cast<char*>(out[0].data) + (o * count + i) * block,
                  static_cast<const char*>(in[0].data) + (o * count + count - 1 - i) * block,
                  static_cast<size_t>(block));
}

Value flip(const Value& x, int axis) {
  const int at = axis < 0 ? axis + x.rank() : axis;
  if (at < 0 || at >= x.rank())
    throw Error("flip: axis " + std::to_string(axis) + " does not exist in a value of rank " +
                std::to_string(x.rank()));
  if (const auto* op = op_cast<FlipOp>(x); op && op->axis() == at) return x.node().inputs[0];
  return apply_one(std::make_shared<FlipOp>(at), {x});
}

}  // namespace folio
