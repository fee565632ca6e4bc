#include "folio/ops/grain_sum.h"

#include <algorithm>

#include "folio/base/checked.h"

namespace folio {
namespace {

View rows_of(const View& view, int64_t first, int64_t last) {
  const int64_t row = view.shape().count(1, view.shape().rank()) * size_of(view.type.dtype);
  return {{view.shape().with(0, last - first), view.type.dtype}, static_cast<char*>(view.data) + first * row};
}

}  // namespace

Types GrainSumOp::infer(const Types& in) const {
  return {{in[0].shape.from(axes_).inserted(0, divide_up(in[0].shape[0], grain_)), in[0].dtype}};
}

void GrainSumOp::define(const Views& in, const Views& out) const {
  const Shape& shape = in[0].shape();
  const int64_t rest = shape.count(axes_, shape.rank()), middle = shape.count(1, axes_);
  visit(in[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    for (int64_t g = 0; g < out[0].shape()[0]; ++g)
      for (int64_t r = 0; r < rest; ++r) {
        double total = 0;
        for (int64_t i = g * grain_ * middle, last = std::min((g + 1) * grain_, shape[0]) * middle; i < last;
             ++i)
          total += static_cast<double>(in[0].as<T>()[i * rest + r]);
        out[0].as<T>()[g * rest + r] = static_cast<T>(total);
      }
  });
}

Types GrainKernelGradientOp::infer(const Types& in) const {
  TensorType type = whole_->infer(in)[0];
  type.shape = type.shape.inserted(0, divide_up(in[0].shape[0], grain_));
  return {type};
}

void GrainKernelGradientOp::define(const Views& in, const Views& out) const {
  const int64_t rows = in[0].shape()[0];
  for (int64_t g = 0; g < out[0].shape()[0]; ++g) {
    const int64_t first = g * grain_, last = std::min(first + grain_, rows);
    View to = rows_of(out[0], g, g + 1);
    to.type.shape = to.type.shape.without(0);
    whole_->define({rows_of(in[0], first, last), rows_of(in[1], first, last)}, {to});
  }
}

double GrainKernelGradientOp::flops(const Node& node) const {
  const Shape &x = node.inputs[0].shape(), &kernel = node.outputs[0].shape;
  const Shape& dy = node.inputs[1].shape();
  return 2.0 * static_cast<double>(x[0] * dy[1] * dy[2]) *
         static_cast<double>(kernel.count(1, kernel.rank()));
}

}  // namespace folio
