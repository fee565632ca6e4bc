#include "folio/ops/cast.h"

#include <cmath>

#include "folio/base/error.h"

namespace folio {

Values CastOp::gradient(const GradientContext& g) const {
  const DType from = g.inputs[0].dtype();
  return {is_floating(from) && is_floating(to_) ? cast(g.output_gradients[0], from) : Value()};
}

void CastOp::define(const Views& in, const Views& out) const {
  visit(in[0].type.dtype, [&](auto from) {
    visit(to_, [&](auto to) {
      const auto* x = in[0].as<decltype(from)>();
      auto* y = out[0].as<decltype(to)>();
      for (int64_t i = 0, n = out[0].count(); i < n; ++i) y[i] = static_cast<decltype(to)>(x[i]);
    });
  });
}

Types OneHotOp::infer(const Types& in) const {
  if (classes_ < 1) throw Error("one_hot: expected at least 1 class, got " + std::to_string(classes_));
  return {{in[0].shape.joined({classes_}), to_}};
}

void OneHotOp::define(const Views& in, const Views& out) const {
  visit(in[0].type.dtype, [&](auto from) {
    visit(to_, [&](auto to) {
      const auto* x = in[0].as<decltype(from)>();
      auto* y = out[0].as<decltype(to)>();
      for (int64_t i = 0, n = in[0].count(); i < n; ++i)
        for (int64_t c = 0; c < classes_; ++c)
          y[i * classes_ + c] =
              static_cast<decltype(to)>(static_cast<double>(x[i]) == static_cast<double>(c));
    });
  });
}

Value cast(const Value& x, DType to) {
  return x.dtype() == to ? x : apply_one(std::make_shared<CastOp>(to), {x});
}

Value one_hot(const Value& labels, int64_t classes, DType to) {
  return apply_one(std::make_shared<OneHotOp>(classes, to), {labels});
}

}  // namespace folio
