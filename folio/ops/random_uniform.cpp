#include "folio/ops/random_uniform.h"

#include "folio/base/error.h"

namespace folio {

std::string RandomUniformOp::attributes() const {
  return to_string(type_) + " seed " + std::to_string(seed_) + " site " + std::to_string(site_);
}

Types RandomUniformOp::infer(const Types& in) const {
  if (type_.shape.rank() == 0 || !is_floating(type_.dtype))
    throw Error("random_uniform: expected a floating-point type with a batch dimension, got " +
                to_string(type_));
  if (in[0].dtype != DType::int64 || in[0].shape.rank() != 0)
    throw Error("random_uniform: expected the step as an int64 scalar, got " + to_string(in[0]));
  return {type_};
}

void RandomUniformOp::define(const Views& in, const Views& out) const {
  const RandomStream stream{seed_, site_, static_cast<uint32_t>(in[0].as<int64_t>()[0])};
  const Shape& shape = out[0].shape();
  const int64_t rows = shape[0], features = shape.count(1, shape.rank());
  visit(out[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t f = 0; f < features; ++f) {
        // 24 bits, so that float32 never rounds up to 1.
        const uint32_t word = stream.word(static_cast<uint32_t>(r), static_cast<uint32_t>(f)) >> 8;
        out[0].as<T>()[r * features + f] = static_cast<T>(static_cast<double>(word) * 0x1p-24);
      }
  });
}

Value random_uniform(const TensorType& type, const Value& step, uint64_t seed, uint32_t site) {
  return apply_one(std::make_shared<RandomUniformOp>(type, seed, site), {step});
}

}  // namespace folio
