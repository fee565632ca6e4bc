#include "folio/ops/convolution.h"

#include <cstring>

#include "folio/base/error.h"

namespace folio {
namespace {

// Calls body(index into x, into the kernel, into y) for every product of the convolution.
template <class Body>
void for_each_product(const ConvolutionGeometry& g, Body&& body) {
  const int64_t c_group = g.c / g.groups, k_group = g.k / g.groups;
  for (int64_t n = 0; n < g.n; ++n)
    for (int64_t i = 0; i < g.oh; ++i)
      for (int64_t j = 0; j < g.ow; ++j)
        for (int64_t r = 0; r < g.kh; ++r)
          for (int64_t s = 0; s < g.kw; ++s) {
            const int64_t row = i * g.stride_h + r * g.dilation_h - g.pad_top,
                          column = j * g.stride_w + s * g.dilation_w - g.pad_left;
            if (row < 0 || row >= g.h || column < 0 || column >= g.w) continue;
            for (int64_t o = 0; o < g.k; ++o)
              for (int64_t q = 0; q < c_group; ++q)
                body(((n * g.h + row) * g.w + column) * g.c + o / k_group * c_group + q,
                     ((r * g.kw + s) * c_group + q) * g.k + o, ((n * g.oh + i) * g.ow + j) * g.k + o);
          }
}

// target[…] += a[…] * b[…] over all products, carried in double.
template <class Index>
void accumulate(const ConvolutionGeometry& g, const View& a, const View& b, const View& target,
                Index&& index) {
  visit(target.type.dtype, [&](auto t) {
    using T = decltype(t);
    std::vector<double> total(static_cast<size_t>(target.count()), 0.0);
    for_each_product(g, [&](int64_t x, int64_t kernel, int64_t y) {
      const auto [from_a, from_b, to] = index(x, kernel, y);
      total[to] += static_cast<double>(a.as<T>()[from_a]) * static_cast<double>(b.as<T>()[from_b]);
    });
    for (size_t i = 0; i < total.size(); ++i) target.as<T>()[i] = static_cast<T>(total[i]);
  });
}

struct Places {
  int64_t a, b, to;
};

void check_pictures(const TensorType& x, const char* op) {
  if (x.shape.rank() != 4)
    throw Error(std::string(op) + ": expected (batch, height, width, channels), got " + to_string(x.shape));
}

}  // namespace

std::string ConvolutionOp::attributes() const {
  const ConvolutionOptions& o = options_;
  std::string text = to_string(o.padding);
  text += " stride " + std::to_string(o.stride_h) + "x" + std::to_string(o.stride_w);
  if (o.dilation_h != 1 || o.dilation_w != 1)
    text += " dilation " + std::to_string(o.dilation_h) + "x" + std::to_string(o.dilation_w);
  if (o.groups != 1) text += " groups " + std::to_string(o.groups);
  return text;
}

ConvolutionGeometry ConvolutionOp::geometry(const Shape& x, const Shape& kernel) const {
  const ConvolutionOptions& o = options_;
  const Window vertical{kernel[0], o.stride_h, o.dilation_h}, horizontal{kernel[1], o.stride_w, o.dilation_w};
  return {x[0],
          x[1],
          x[2],
          x[3],
          vertical.output(x[1], o.padding),
          horizontal.output(x[2], o.padding),
          kernel[3],
          kernel[0],
          kernel[1],
          o.stride_h,
          o.stride_w,
          o.dilation_h,
          o.dilation_w,
          vertical.before(x[1], o.padding),
          horizontal.before(x[2], o.padding),
          o.groups};
}

double ConvolutionOp::flops(const Node& node) const {
  const ConvolutionGeometry g = geometry(node);
  return 2.0 * static_cast<double>(g.n * g.oh * g.ow) * static_cast<double>(g.k * g.kh * g.kw) *
         static_cast<double>(g.c / g.groups);
}

Types Convolution2DOp::infer(const Types& in) const {
  check_pictures(in[0], "convolution");
  const Shape &x = in[0].shape, &kernel = in[1].shape;
  const ConvolutionOptions& o = options();
  if (kernel.rank() != 4)
    throw Error("convolution: expected a kernel (height, width, channels, filters), got " +
                to_string(kernel));
  if (in[0].dtype != in[1].dtype)
    throw Error("convolution: pictures are " + to_string(in[0].dtype) + ", kernel " + to_string(in[1].dtype) +
                "; cast one of them");
  if (o.stride_h < 1 || o.stride_w < 1 || o.dilation_h < 1 || o.dilation_w < 1 || o.groups < 1)
    throw Error("convolution: strides, dilations and groups must be at least 1");
  if (x[3] != kUnknown && (x[3] != kernel[2] * o.groups || kernel[3] % o.groups))
    throw Error("convolution: pictures " + to_string(x) + " do not fit the kernel " + to_string(kernel) +
                " with groups " + std::to_string(o.groups));
  const ConvolutionGeometry g = geometry(x, kernel);
  if ((g.oh < 1 && g.oh != kUnknown) || (g.ow < 1 && g.ow != kUnknown))
    throw Error("convolution: a kernel of " + std::to_string(g.kh) + "x" + std::to_string(g.kw) +
                " does not fit into pictures of " + std::to_string(x[1]) + "x" + std::to_string(x[2]) +
                "; use padding \"same\" or a smaller kernel");
  return {{{x[0], g.oh, g.ow, g.k}, in[0].dtype}};
}

ConvolutionGeometry Convolution2DOp::geometry(const Node& node) const {
  return geometry(node.inputs[0].shape(), node.inputs[1].shape());
}

Values Convolution2DOp::gradient(const GradientContext& g) const {
  const Shape &x = g.inputs[0].shape(), &kernel = g.inputs[1].shape();
  return {apply_one(std::make_shared<Convolution2DInputGradientOp>(options(), x[1], x[2]),
                    {g.output_gradients[0], g.inputs[1]}),
          apply_one(std::make_shared<Convolution2DKernelGradientOp>(options(), kernel[0], kernel[1]),
                    {g.inputs[0], g.output_gradients[0]})};
}

void Convolution2DOp::define(const Views& in, const Views& out) const {
  accumulate(geometry(in[0].shape(), in[1].shape()), in[0], in[1], out[0],
             [](int64_t x, int64_t kernel, int64_t y) {
               return Places{x, kernel, y};
             });
}

Types Convolution2DInputGradientOp::infer(const Types& in) const {
  check_pictures(in[0], "convolution gradient");
  return {{{in[0].shape[0], h_, w_, in[1].shape[2] * options().groups}, in[0].dtype}};
}

ConvolutionGeometry Convolution2DInputGradientOp::geometry(const Node& node) const {
  return geometry(node.outputs[0].shape, node.inputs[1].shape());
}

Values Convolution2DInputGradientOp::gradient(const GradientContext& g) const {
  const Shape& kernel = g.inputs[1].shape();
  const Value& dx = g.output_gradients[0];
  return {apply_one(std::make_shared<Convolution2DOp>(options()), {dx, g.inputs[1]}),
          apply_one(std::make_shared<Convolution2DKernelGradientOp>(options(), kernel[0], kernel[1]),
                    {dx, g.inputs[0]})};
}

void Convolution2DInputGradientOp::define(const Views& in, const Views& out) const {
  accumulate(geometry(out[0].shape(), in[1].shape()), in[0], in[1], out[0],
             [](int64_t x, int64_t kernel, int64_t y) {
               return Places{y, kernel, x};
             });
}

Types Convolution2DKernelGradientOp::infer(const Types& in) const {
  check_pictures(in[0], "convolution gradient");
  return {{{kh_, kw_, in[0].shape[3] / options().groups, in[1].shape[3]}, in[0].dtype}};
}

ConvolutionGeometry Convolution2DKernelGradientOp::geometry(const Node& node) const {
  return geometry(node.inputs[0].shape(), node.outputs[0].shape);
}

Values Convolution2DKernelGradientOp::gradient(const GradientContext& g) const {
  const Shape& x = g.inputs[0].shape();
  const Value& dkernel = g.output_gradients[0];
  return {apply_one(std::make_shared<Convolution2DInputGradientOp>(options(), x[1], x[2]),
                    {g.inputs[1], dkernel}),
          apply_one(std::make_shared<Convolution2DOp>(options()), {g.inputs[0], dkernel})};
}

void Convolution2DKernelGradientOp::define(const Views& in, const Views& out) const {
  accumulate(geometry(in[0].shape(), out[0].shape()), in[0], in[1], out[0],
             [](int64_t x, int64_t kernel, int64_t y) {
               return Places{x, y, kernel};
             });
}

Value convolution_2d(const Value& x, const Value& kernel, const ConvolutionOptions& options) {
  return apply_one(std::make_shared<Convolution2DOp>(options), {x, kernel});
}

}  // namespace folio
