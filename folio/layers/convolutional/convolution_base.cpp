#include "folio/layers/convolutional/convolution_base.h"

#include <algorithm>

#include "folio/base/error.h"
#include "folio/ops/activations.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reshape.h"
#include "folio/ops/slice.h"

namespace folio {
namespace {

// The i-th size from the innermost; there is no stride, or one of 1, where there is no direction.
int64_t from_end(const Sizes& sizes, size_t i) { return i < sizes.size() ? sizes[sizes.size() - 1 - i] : 1; }

bool above_one(const Sizes& sizes) {
  return std::any_of(sizes.begin(), sizes.end(), [](int64_t size) { return size > 1; });
}

// `count` slices of volumes, `step` apart. x: (batch, depth, …) -> (batch, count, …)
Value every(const Value& x, int64_t first, int64_t count, int64_t step) {
  const Value run = slice(x, 1, first, times(count, step));
  if (step == 1) return run;
  // The rows of the slices between are cut off when `step` slices are seen as one of as many rows.
  const Shape& shape = run.shape();
  const Shape tall = shape.with(1, count).with(2, times(shape[2], step));
  return slice(reshape(run, tall), 2, 0, shape[2]);
}

}  // namespace

void ConvolutionBase::fields(Fields& f) {
  ConvolutionSettings& s = settings_;
  FieldRules kernel = sizes_rule(s.rank);
  kernel.required = kernel.not_empty = true;
  f("kernel_size", s.kernel_size, kernel);
  f("strides", s.strides, sizes_rule(s.rank));
  f("padding", s.padding, {.words = paddings()});
  data_format_field(f, data_format());
  f("dilation_rate", s.dilation_rate, sizes_rule(s.rank));
  activation_field(f, s.activation);
  f("use_bias", s.use_bias);
  weight_fields(f, "bias", s.bias);
  f("activity_regularizer", s.activity_regularizer);
}

void ConvolutionBase::configured() {
  // Keras refuses the combination, so that a model with it could not go there.
  if (above_one(settings_.strides) && above_one(settings_.dilation_rate))
    throw Error("strides and dilation_rate cannot both be above 1; leave one of them at 1");
  set_activity_regularizer(settings_.activity_regularizer);
}

Padding ConvolutionBase::padding() const {
  return settings_.padding == "causal" ? Padding::valid : padding_from(settings_.padding);
}

void ConvolutionBase::check(const Shape& x) const {
  check_cells(x, rank());
  if (channels_ != kUnknown && x[-1] != channels_)
    throw Error("was built for " + std::to_string(channels_) + " channels, got an input of " + to_string(x));
}

int64_t ConvolutionBase::channels_of(const Shape& x) {
  check(x);
  return channels_ = x[-1];
}

Shape ConvolutionBase::kernel_shape(int64_t inputs, int64_t outputs) const {
  return Shape(settings_.kernel_size).joined({inputs, outputs});
}

void ConvolutionBase::add_bias(int64_t filters) {
  if (settings_.use_bias) bias_ = add_weight("bias", {filters}, settings_.bias);
}

Value ConvolutionBase::finished(Value y) {
  if (bias_.defined()) y = y + Value(bias_);
  // A softmax, say, is along the last dimension, whichever that is.
  return data_format().inside(settings_.activation.apply(data_format().outside(y)));
}

ConvolutionOptions ConvolutionBase::plane_options(int64_t groups) const {
  const ConvolutionSettings& s = settings_;
  return {from_end(s.strides, 1),       from_end(s.strides, 0),       padding(),
          from_end(s.dilation_rate, 1), from_end(s.dilation_rate, 0), groups};
}

Value ConvolutionBase::plane_kernel(const Value& kernel, int64_t slice_number) {
  const Shape& shape = kernel.shape();
  if (shape.rank() == 3) return reshape(kernel, shape.inserted(0, 1));
  return shape.rank() == 4 ? kernel : reshape(slice(kernel, 0, slice_number, 1), shape.from(1));
}

Value ConvolutionBase::convolve(const Value& x, const Value& kernel, int64_t groups) const {
  const ConvolutionSettings& s = settings_;
  check_fit("convolution", "kernel", x.shape(), s.kernel_size, s.dilation_rate, padding());
  if (rank() == 3) return convolve_volumes(x, kernel, groups);
  const Value y =
      convolution_2d(rank() == 1 ? row_of_cells(x) : x, plane_kernel(kernel), plane_options(groups));
  return rank() == 1 ? without_rows(y) : y;
}

Value ConvolutionBase::convolve_channels(const Value& x, const Value& kernel) const {
  const int64_t channels = kernel.shape()[-2], multiplier = kernel.shape()[-1];
  const Shape grouped = kernel_shape(1, channels);
  if (multiplier == 1) return convolve(x, reshape(kernel, grouped), channels);
  if (channels == 1) return convolve(x, kernel, 1);
  // One kernel a channel is what there are fast loops for; what the kernels of a channel give lies side by
  // side.
  Values parts;
  for (int64_t m = 0; m < multiplier; ++m) {
    const Value part = convolve(x, reshape(slice(kernel, -1, m, 1), grouped), channels);
    parts.push_back(reshape(part, part.shape().inserted(part.rank(), 1)));
  }
  const Value all = concatenate(parts, -1);
  return reshape(all, all.shape().without(-1).with(-1, channels * multiplier));
}

// A sum over the kernel's depth: each of its slices is a convolution over the volumes' slices that it meets.
Value ConvolutionBase::convolve_volumes(const Value& x, const Value& kernel, int64_t groups) const {
  const int64_t size = settings_.kernel_size[0], stride = settings_.strides[0],
                dilation = settings_.dilation_rate[0], depth = x.shape()[1];
  const Window window{size, stride, dilation};
  const int64_t slices = window.output(depth, padding());
  Value padded = x;
  if (depth != kUnknown) {
    // Whole strides must fit under the kernel's last slice too.
    const int64_t before = window.before(depth, padding()),
                  after = std::max<int64_t>(0, window.extent() - 1 + slices * stride - before - depth);
    if (before || after) padded = pad(x, {0, before, 0, 0, 0}, {0, after, 0, 0, 0});
  }
  Value total;
  for (int64_t z = 0; z < size; ++z) {
    const Value met = slices_of(every(padded, z * dilation, slices, stride));
    const Value y = convolution_2d(met, plane_kernel(kernel, z), plane_options(groups));
    total = total.defined() ? total + y : y;
  }
  return volumes_of(total, x.shape()[0], slices);
}

}  // namespace folio
