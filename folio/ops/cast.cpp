#include "folio/ops/cast.h"

#include <fmt/format.h>

#include <cmath>

#include "folio/base/error.h"
#include "folio/ops/elementwise.h"

namespace folio {

std::string CastOp::attributes() const {
  return to_string(to_) + (scale_ == 1 ? "" : fmt::format(" times {}", scale_));
}

Types CastOp::infer(const Types& in) const {
  if (scale_ != 1 && !is_floating(to_))
    throw Error(
        fmt::format("cast: expected a floating-point type to scale by {}, got {}", scale_, to_string(to_)));
  return {{in[0].shape, to_}};
}

Values CastOp::gradient(const GradientContext& g) const {
  const DType from = g.inputs[0].dtype();
  if (!is_floating(from) || !is_floating(to_)) return {Value()};
  const Value& dy = g.output_gradients[0];
  return {cast(scale_ == 1 ? dy : dy * scale_, from)};
}

void CastOp::define(const Views& in, const Views& out) const {
  visit(in[0].type.dtype, [&](auto from) {
    visit(to_, [&](auto to) {
      using To = decltype(to);
      const auto* x = in[0].as<decltype(from)>();
      auto* y = out[0].as<To>();
      for (int64_t i = 0, n = out[0].count(); i < n; ++i) {
        y[i] = static_cast<To>(x[i]);
        if (scale_ != 1) y[i] = static_cast<To>(y[i] * static_cast<To>(scale_));
      }
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

Value cast(const Value& x, DType to, double scale) {
  return x.dtype() == to && scale == 1 ? x : apply_one(std::make_shared<CastOp>(to, scale), {x});
}

Value one_hot(const Value& labels, int64_t classes, DType to) {
  return apply_one(std::make_shared<OneHotOp>(classes, to), {labels});
}

}  // namespace folio
