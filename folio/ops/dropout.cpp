#include "folio/ops/dropout.h"

#include "folio/base/error.h"

namespace folio {

std::string DropoutOp::attributes() const {
  return "rate " + std::to_string(rate_) + " seed " + std::to_string(seed_) + " site " +
         std::to_string(site_);
}

Types DropoutOp::infer(const Types& in) const {
  if (in[0].shape.rank() == 0 || !is_floating(in[0].dtype))
    throw Error("dropout: expected floating-point values with a batch dimension, got " + to_string(in[0]));
  if (in[1].dtype != DType::int64 || in[1].shape.rank() != 0)
    throw Error("dropout: expected the step as an int64 scalar, got " + to_string(in[1]));
  return {in[0]};
}

Values DropoutOp::gradient(const GradientContext& g) const {
  return {apply_one(std::make_shared<DropoutOp>(rate_, seed_, site_), {g.output_gradients[0], g.inputs[1]}),
          Value()};
}

void DropoutOp::define(const Views& in, const Views& out) const {
  const RandomStream stream{seed_, site_, static_cast<uint32_t>(in[1].as<int64_t>()[0])};
  const int64_t rows = in[0].shape()[0], features = in[0].shape().count(1, in[0].shape().rank());
  visit(in[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    const T scale = static_cast<T>(1 / (1 - rate_));
    for (int64_t r = 0; r < rows; ++r)
      for (int64_t f = 0; f < features; ++f) {
        const bool kept = stream.word(static_cast<uint32_t>(r), static_cast<uint32_t>(f)) >= threshold(rate_);
        out[0].as<T>()[r * features + f] = kept ? in[0].as<T>()[r * features + f] * scale : T(0);
      }
  });
}

Value dropout(const Value& x, const Value& step, double rate, uint64_t seed, uint32_t site) {
  if (!(rate >= 0 && rate < 1))
    throw Error("dropout: expected a rate in [0, 1), got " + std::to_string(rate));
  return rate == 0 ? x : apply_one(std::make_shared<DropoutOp>(rate, seed, site), {x, step});
}

}  // namespace folio
