#include "folio/ops/softmax.h"

#include <algorithm>
#include <cmath>

#include "folio/base/error.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"

namespace folio {
namespace {

// Calls body(row, result row, length, largest, sum of exp(x - largest)) for each row.
template <class Body>
void for_each_row(const Views& in, const Views& out, const char* op, Body&& body) {
  const int64_t n = in[0].shape()[-1];
  if (n == 0) return;
  visit(in[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    if constexpr (!std::is_floating_point_v<T>) {
      throw Error(std::string(op) + ": expected floating-point values, got " + to_string(in[0].type.dtype));
    } else {
      for (int64_t r = 0, rows = in[0].count() / n; r < rows; ++r) {
        const T* x = in[0].as<T>() + r * n;
        const T largest = *std::max_element(x, x + n);
        double total = 0;
        for (int64_t i = 0; i < n; ++i) total += std::exp(static_cast<double>(x[i] - largest));
        body(x, out[0].as<T>() + r * n, n, largest, total);
      }
    }
  });
}

Types same(const Types& in, const char* op) {
  if (in[0].shape.rank() == 0) throw Error(std::string(op) + ": expected at least 1 dimension, got a scalar");
  return {in[0]};
}

}  // namespace

Types SoftmaxOp::infer(const Types& in) const { return same(in, "softmax"); }
Types LogSoftmaxOp::infer(const Types& in) const { return same(in, "log_softmax"); }

Values SoftmaxOp::gradient(const GradientContext& g) const {
  return {apply_one(std::make_shared<SoftmaxGradientOp>(), {g.output_gradients[0], g.outputs[0]})};
}

void SoftmaxOp::define(const Views& in, const Views& out) const {
  for_each_row(in, out, "softmax", [](const auto* x, auto* y, int64_t n, auto largest, double total) {
    for (int64_t i = 0; i < n; ++i)
      y[i] = static_cast<std::decay_t<decltype(*y)>>(std::exp(static_cast<double>(x[i] - largest)) / total);
  });
}

Types SoftmaxGradientOp::infer(const Types& in) const {
  if (in[0] != in[1])
    throw Error("softmax's gradient: " + to_string(in[0]) + " for a softmax of " + to_string(in[1]));
  return same(in, "softmax's gradient");
}

Values SoftmaxGradientOp::gradient(const GradientContext& g) const {
  const Value &dy = g.inputs[0], &y = g.inputs[1], &dx = g.output_gradients[0];
  return {apply_one(std::make_shared<SoftmaxGradientOp>(), {dx, y}),
          dx * (dy - sum(dy * y, {-1}, true)) - dy * sum(dx * y, {-1}, true)};
}

void SoftmaxGradientOp::define(const Views& in, const Views& out) const {
  const int64_t n = in[0].shape()[-1];
  visit(in[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    for (int64_t row = 0; row < in[0].count(); row += n) {
      const T *dy = in[0].as<T>() + row, *y = in[1].as<T>() + row;
      double total = 0;
      for (int64_t i = 0; i < n; ++i) total += static_cast<double>(dy[i]) * static_cast<double>(y[i]);
      for (int64_t i = 0; i < n; ++i)
        out[0].as<T>()[row + i] =
            static_cast<T>(static_cast<double>(y[i]) * (static_cast<double>(dy[i]) - total));
    }
  });
}

Values LogSoftmaxOp::gradient(const GradientContext& g) const {
  const Value& dy = g.output_gradients[0];
  return {dy - softmax(g.inputs[0]) * sum(dy, {-1}, true)};
}

void LogSoftmaxOp::define(const Views& in, const Views& out) const {
  for_each_row(in, out, "log_softmax", [](const auto* x, auto* y, int64_t n, auto largest, double total) {
    for (int64_t i = 0; i < n; ++i)
      y[i] = static_cast<std::decay_t<decltype(*y)>>(static_cast<double>(x[i] - largest) - std::log(total));
  });
}

Value softmax(const Value& x) { return apply_one(std::make_shared<SoftmaxOp>(), {x}); }
Value log_softmax(const Value& x) { return apply_one(std::make_shared<LogSoftmaxOp>(), {x}); }

}  // namespace folio
