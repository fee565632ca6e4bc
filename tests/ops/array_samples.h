// Random applications of the ops that move, reduce and multiply arrays.
#pragma once
#include <algorithm>
#include <numeric>

#include "folio/ops/affine_transform.h"
#include "folio/ops/attention.h"
#include "folio/ops/cast.h"
#include "folio/ops/convolution.h"
#include "folio/ops/dropout.h"
#include "folio/ops/flip.h"
#include "folio/ops/gather.h"
#include "folio/ops/matmul.h"
#include "folio/ops/pooling.h"
#include "folio/ops/random_normal.h"
#include "folio/ops/random_uniform.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "folio/ops/slice.h"
#include "folio/ops/softmax.h"
#include "folio/ops/transpose.h"
#include "tests/ops/elementwise_samples.h"
#include "tests/ops/scan_samples.h"

namespace folio {

inline Sample sample_cast(RandomNumbers& random) {
  // Through float32, differences would see its rounding; gradients_test checks that way exactly.
  Sample sample;
  const Value x = sample.add(random.tensor(random.shape(2), -2, 2));
  sample.outputs = {apply_one(std::make_shared<CastOp>(DType::float64), {x})};
  return sample;
}

inline Sample sample_one_hot(RandomNumbers& random) {
  Sample sample;
  Tensor labels(random.shape(static_cast<int>(random.whole(0, 2))), DType::float64);
  for (int64_t i = 0; i < labels.count(); ++i) labels.set(i, static_cast<double>(random.whole(-1, 5)));
  sample.outputs = {one_hot(sample.add_fixed(labels), random.whole(1, 5), DType::float64)};
  return sample;
}

inline Sample sample_reshape(RandomNumbers& random) {
  Sample sample;
  const Shape shape = random.shape(static_cast<int>(random.whole(1, 4)));
  const Value x = sample.add(random.tensor(shape, -1, 1));
  std::vector<int64_t> dims(shape.begin(), shape.end());
  std::reverse(dims.begin(), dims.end());
  dims.insert(dims.begin(), 1);
  if (random.coin())
    dims[static_cast<size_t>(random.whole(0, static_cast<int64_t>(dims.size()) - 1))] = kUnknown;
  sample.outputs = {reshape(x, Shape(dims))};
  return sample;
}

inline Sample sample_broadcast(RandomNumbers& random) {
  Sample sample;
  const Shape shape = random.shape(static_cast<int>(random.whole(1, 4)));
  Shape from = random.squeezed(shape);
  if (from == shape) from = {};
  const Value x = sample.add(random.tensor(from, -1, 1));
  sample.outputs = {apply_one(std::make_shared<BroadcastOp>(shape), {x})};
  return sample;
}

inline Sample sample_transpose(RandomNumbers& random) {
  Sample sample;
  const Value x = sample.add(random.tensor(random.shape(static_cast<int>(random.whole(1, 4))), -1, 1));
  std::vector<int> order(static_cast<size_t>(x.rank()));
  std::iota(order.begin(), order.end(), 0);
  for (size_t i = order.size(); i > 1; --i)
    std::swap(order[i - 1], order[static_cast<size_t>(random.whole(0, static_cast<int64_t>(i) - 1))]);
  sample.outputs = {transpose(x, order)};
  return sample;
}

inline Sample sample_slice(RandomNumbers& random) {
  Sample sample;
  const Shape shape = random.shape(static_cast<int>(random.whole(1, 4)));
  const Value x = sample.add(random.tensor(shape, -1, 1));
  const int axis = static_cast<int>(random.whole(0, shape.rank() - 1));
  const int64_t first = random.whole(0, shape[axis] - 1), size = random.whole(1, shape[axis] - first);
  sample.outputs = {apply_one(std::make_shared<SliceOp>(axis, first, size), {x})};
  return sample;
}

/// Pieces of one size along any dimension; they may meet.
inline Sample sample_slice_gradient(RandomNumbers& random) {
  Sample sample;
  const Shape shape = random.shape(static_cast<int>(random.whole(1, 4)));
  Values pieces;
  std::vector<SliceGradientOp::Place> places;
  for (int64_t i = random.whole(1, 4); i > 0; --i) {
    const int axis = static_cast<int>(random.whole(0, shape.rank() - 1));
    const int64_t first = random.whole(0, shape[axis] - 1), size = random.whole(1, shape[axis] - first);
    pieces.push_back(sample.add(random.tensor(shape.with(axis, size), -1, 1)));
    places.push_back({axis, first, shape[axis]});
  }
  sample.outputs = {apply_one(std::make_shared<SliceGradientOp>(places), pieces)};
  return sample;
}

inline Sample sample_split(RandomNumbers& random) {
  Sample sample;
  std::vector<int64_t> sizes;
  int64_t whole = 0;
  for (int64_t i = random.whole(1, 4); i > 0; --i) whole += sizes.emplace_back(random.whole(1, 3));
  const Shape shape = random.shape(static_cast<int>(random.whole(1, 4)));
  const int axis = static_cast<int>(random.whole(0, shape.rank() - 1));
  const Value x = sample.add(random.tensor(shape.with(axis, whole), -1, 1));
  sample.outputs = split(x, sizes, axis - (random.coin() ? shape.rank() : 0));
  // Not all parts need a gradient.
  if (sizes.size() > 1 && random.coin()) sample.outputs.pop_back();
  return sample;
}

inline Sample sample_flip(RandomNumbers& random) {
  Sample sample;
  const Value x = sample.add(random.tensor(random.shape(static_cast<int>(random.whole(1, 4))), -1, 1));
  sample.outputs = {flip(x, static_cast<int>(random.whole(-x.rank(), x.rank() - 1)))};
  return sample;
}

inline Sample sample_concatenate(RandomNumbers& random) {
  Sample sample;
  const Shape shape = random.shape(static_cast<int>(random.whole(1, 4)));
  const int axis = static_cast<int>(random.whole(0, shape.rank() - 1));
  Values parts;
  for (int64_t i = random.whole(2, 4); i > 0; --i)
    parts.push_back(sample.add(random.tensor(shape.with(axis, random.whole(1, 3)), -1, 1)));
  if (random.coin()) parts.push_back(parts[0]);  // the same value twice
  sample.outputs = {concatenate(parts, axis - (random.coin() ? shape.rank() : 0))};
  return sample;
}

inline Sample sample_pad(RandomNumbers& random) {
  Sample sample;
  const Value x = sample.add(random.tensor(random.shape(static_cast<int>(random.whole(1, 4))), -1, 1));
  std::vector<int64_t> before, after;
  for (int i = 0; i < x.rank(); ++i)
    before.push_back(random.whole(0, 2)), after.push_back(random.whole(0, 2));
  sample.outputs = {pad(x, before, after)};
  return sample;
}

using Reduction = Value (*)(const Value&, std::vector<int>, bool);
inline SampleMaker of_axes(Reduction reduction) {
  return [=](RandomNumbers& random) {
    Sample sample;
    const Value x = sample.add(random.distinct({random.shape(static_cast<int>(random.whole(1, 4)))})[0]);
    std::vector<int> axes;
    for (int i = 0; i < x.rank(); ++i)
      if (random.coin()) axes.push_back(random.coin() ? i : i - x.rank());
    sample.outputs = {reduction(x, axes, random.coin())};
    return sample;
  };
}

inline Sample sample_argmax(RandomNumbers& random) {
  Sample sample;
  sample.outputs = {argmax(sample.add(random.distinct({random.shape(3)})[0]))};
  return sample;
}

inline SampleMaker of_rows(UnaryFunction f) {
  return [=](RandomNumbers& random) {
    Sample sample;
    Shape shape = random.shape(static_cast<int>(random.whole(1, 3)));
    shape[-1] = random.whole(1, 6);
    sample.outputs = {f(sample.add(random.tensor(shape, -3, 3)))};
    return sample;
  };
}

inline Sample sample_matmul(RandomNumbers& random) {
  Sample sample;
  const int64_t m = random.whole(1, 4), n = random.whole(1, 4), k = random.whole(1, 4);
  const bool transpose_a = random.coin(), transpose_b = random.coin();
  const Shape lead = random.shape(static_cast<int>(random.whole(0, 2)), 3);
  const Shape a = lead.joined(transpose_a ? Shape{k, m} : Shape{m, k}),
              b = lead.joined(transpose_b ? Shape{n, k} : Shape{k, n});
  const Value x = sample.add(random.tensor(a, -1, 1)), y = sample.add(random.tensor(b, -1, 1));
  sample.outputs = {apply_one(std::make_shared<MatMulOp>(transpose_a, transpose_b), {x, y})};
  return sample;
}

/// Pictures, a kernel that fits into them, and every option.
struct RandomConvolution {
  ConvolutionOptions options;
  Shape x, kernel, y;
  explicit RandomConvolution(RandomNumbers& random) {
    options.stride_h = random.whole(1, 3), options.stride_w = random.whole(1, 3);
    options.dilation_h = random.whole(1, 2), options.dilation_w = random.whole(1, 2);
    options.groups = random.whole(0, 2) == 0 ? random.whole(2, 3) : 1;
    options.padding = random.coin() ? Padding::same : Padding::valid;
    const int64_t kh = random.whole(1, 3), kw = random.whole(1, 3), channels = random.whole(1, 2);
    // With padding `same` the pictures may be smaller than what the kernel spans.
    const bool same = options.padding == Padding::same;
    const int64_t h = (same ? 0 : (kh - 1) * options.dilation_h) + random.whole(1, 4);
    const int64_t w = (same ? 0 : (kw - 1) * options.dilation_w) + random.whole(1, 4);
    x = {random.whole(1, 2), h, w, channels * options.groups};
    kernel = {kh, kw, channels, random.whole(1, 2) * options.groups};
    y = convolution_2d(input(x, DType::float64), input(kernel, DType::float64), options).shape();
  }
};

inline Sample sample_convolution(RandomNumbers& random) {
  Sample sample;
  const RandomConvolution c(random);
  const Value x = sample.add(random.tensor(c.x, -1, 1)), kernel = sample.add(random.tensor(c.kernel, -1, 1));
  sample.outputs = {convolution_2d(x, kernel, c.options)};
  return sample;
}

inline Sample sample_convolution_input_gradient(RandomNumbers& random) {
  Sample sample;
  const RandomConvolution c(random);
  const Value dy = sample.add(random.tensor(c.y, -1, 1)), kernel = sample.add(random.tensor(c.kernel, -1, 1));
  sample.outputs = {
      apply_one(std::make_shared<Convolution2DInputGradientOp>(c.options, c.x[1], c.x[2]), {dy, kernel})};
  return sample;
}

inline Sample sample_convolution_kernel_gradient(RandomNumbers& random) {
  Sample sample;
  const RandomConvolution c(random);
  const Value x = sample.add(random.tensor(c.x, -1, 1)), dy = sample.add(random.tensor(c.y, -1, 1));
  sample.outputs = {apply_one(
      std::make_shared<Convolution2DKernelGradientOp>(c.options, c.kernel[0], c.kernel[1]), {x, dy})};
  return sample;
}

struct RandomPooling {
  PoolingOptions options;
  Shape x, y;
  explicit RandomPooling(RandomNumbers& random) {
    options = {random.whole(1, 3), random.whole(1, 3), random.whole(1, 3), random.whole(1, 3),
               random.coin() ? Padding::same : Padding::valid};
    x = {random.whole(1, 2), options.size_h + random.whole(0, 3), options.size_w + random.whole(0, 3),
         random.whole(1, 3)};
    y = average_pool(input(x, DType::float64), options).shape();
  }
};

inline SampleMaker of_windows(Value (*pool)(const Value&, const PoolingOptions&)) {
  return [=](RandomNumbers& random) {
    Sample sample;
    const RandomPooling p(random);
    sample.outputs = {pool(sample.add(random.distinct({p.x})[0]), p.options)};
    return sample;
  };
}

/// Places of the largest elements of random pictures.
inline Value random_places(Sample& sample, const RandomPooling& p, RandomNumbers& random) {
  const Value pictures = sample.add_fixed(random.distinct({p.x})[0]);
  return apply(std::make_shared<MaxPoolOp>(p.options), {pictures})[1];
}

inline Sample sample_max_pool_gradient(RandomNumbers& random) {
  Sample sample;
  const RandomPooling p(random);
  const Value dy = sample.add(random.tensor(p.y, -1, 1)), places = random_places(sample, p, random);
  sample.outputs = {apply_one(std::make_shared<MaxPoolGradientOp>(p.options, p.x[1], p.x[2]), {dy, places})};
  return sample;
}

inline Sample sample_max_pool_select(RandomNumbers& random) {
  Sample sample;
  const RandomPooling p(random);
  const Value x = sample.add(random.tensor(p.x, -1, 1)), places = random_places(sample, p, random);
  sample.outputs = {apply_one(std::make_shared<MaxPoolSelectOp>(p.options), {x, places})};
  return sample;
}

inline Sample sample_average_pool_gradient(RandomNumbers& random) {
  Sample sample;
  const RandomPooling p(random);
  const Value dy = sample.add(random.tensor(p.y, -1, 1));
  sample.outputs = {apply_one(std::make_shared<AveragePoolGradientOp>(p.options, p.x[1], p.x[2]), {dy})};
  return sample;
}

inline Sample sample_dropout(RandomNumbers& random) {
  Sample sample;
  const Shape shape = random.shape(static_cast<int>(random.whole(1, 4)), 6);
  const Value x = sample.add(random.tensor(shape, -1, 1)),
              step = sample.add(Tensor::scalar(static_cast<double>(random.whole(0, 9)), DType::int64));
  sample.outputs = {dropout(x, step, random.between(0.1, 0.7), 7, static_cast<uint32_t>(random.whole(0, 3)))};
  return sample;
}

inline Sample sample_random_normal(RandomNumbers& random) {
  Sample sample;
  const Shape shape = random.shape(static_cast<int>(random.whole(1, 4)), 6);
  const Value step = sample.add(Tensor::scalar(static_cast<double>(random.whole(0, 9)), DType::int64));
  sample.outputs = {
      random_normal({shape, DType::float64}, step, 7, static_cast<uint32_t>(random.whole(0, 3)))};
  return sample;
}

inline Sample sample_random_uniform(RandomNumbers& random) {
  Sample sample;
  const Shape shape = random.shape(static_cast<int>(random.whole(1, 4)), 6);
  const Value step = sample.add(Tensor::scalar(static_cast<double>(random.whole(0, 9)), DType::int64));
  sample.outputs = {
      random_uniform({shape, DType::float64}, step, 7, static_cast<uint32_t>(random.whole(0, 3)))};
  return sample;
}

/// Matrices that are not to be differentiated, of which some look beyond the border.
inline Sample sample_affine_transform(RandomNumbers& random) {
  Sample sample;
  const Shape shape = random.shape(4, 5);
  const Value x = sample.add(random.tensor(shape, -1, 1));
  const Value matrices = constant(random.tensor({shape[0], 6}, -1.5, 1.5));
  constexpr FillMode kModes[] = {FillMode::nearest, FillMode::constant, FillMode::reflect, FillMode::wrap};
  sample.outputs = {affine_transform(x, matrices,
                                     {.height = random.whole(1, 5),
                                      .width = random.whole(1, 5),
                                      .fill = kModes[random.whole(0, 3)],
                                      .value = 0.7,
                                      .nearest = random.coin()})};
  return sample;
}

inline Sample sample_affine_transform_gradient(RandomNumbers& random) {
  Sample sample;
  const Shape shape = random.shape(4, 5);
  const Value dy = sample.add(random.tensor(shape, -1, 1));
  const Value matrices = constant(random.tensor({shape[0], 6}, -1.5, 1.5));
  const AffineSettings settings{.height = shape[1], .width = shape[2], .fill = FillMode::reflect};
  sample.outputs = folio::apply(
      std::make_shared<AffineTransformGradientOp>(settings, random.whole(1, 5), random.whole(1, 5)),
      {dy, matrices});
  return sample;
}

/// Numbers of rows, some of them several times.
inline Value random_ids(Sample& sample, const Shape& shape, int64_t rows, RandomNumbers& random) {
  Tensor ids(shape, random.coin() ? DType::int32 : DType::int64);
  for (int64_t i = 0; i < ids.count(); ++i) ids.set(i, static_cast<double>(random.whole(0, rows - 1)));
  return sample.add_fixed(ids);
}

inline Sample sample_gather(RandomNumbers& random) {
  Sample sample;
  const Shape table = random.shape(static_cast<int>(random.whole(1, 3)));
  const Value x = sample.add(random.tensor(table, -1, 1));
  const Shape ids = random.shape(static_cast<int>(random.whole(0, 3)));
  sample.outputs = {gather(x, random_ids(sample, ids, table[0], random))};
  return sample;
}

inline Sample sample_scatter_add(RandomNumbers& random) {
  Sample sample;
  const Shape ids = random.shape(static_cast<int>(random.whole(1, 2)));
  const Value x =
      sample.add(random.tensor(ids.joined(random.shape(static_cast<int>(random.whole(0, 2)))), -1, 1));
  const int64_t rows = random.whole(1, 5);
  sample.outputs = {scatter_add(x, random_ids(sample, ids, rows, random), rows)};
  return sample;
}

// Of any y: what the op computes is bilinear, whether y is a softmax or not.
inline Sample sample_softmax_gradient(RandomNumbers& random) {
  Sample sample;
  const Shape shape = random.shape(static_cast<int>(random.whole(1, 4)), 6);
  const Value dy = sample.add(random.tensor(shape, -1, 1)), y = sample.add(random.tensor(shape, -1, 1));
  sample.outputs = {apply_one(std::make_shared<SoftmaxGradientOp>(), {dy, y})};
  return sample;
}

/// Queries, keys and values of heads, with and without masks.
inline Sample sample_attention(RandomNumbers& random) {
  Sample sample;
  const int64_t batch = random.whole(1, 2), queries = random.whole(1, 4), keys = random.whole(1, 4),
                groups = random.whole(1, 2), heads = groups * random.whole(1, 2), width = random.whole(1, 3);
  const Value q = sample.add(random.tensor({batch, queries, heads, width}, -1, 1)),
              k = sample.add(random.tensor({batch, keys, groups, width}, -1, 1)),
              v = sample.add(random.tensor({batch, keys, groups, random.whole(1, 3)}, -1, 1));
  const auto mask = [&](const Shape& shape) {
    Tensor tensor(shape, DType::float64);
    for (int64_t i = 0; i < tensor.count(); ++i) tensor.set(i, random.whole(0, 3) > 0 ? 1 : 0);
    return sample.add_fixed(tensor);
  };
  AttentionMasks masks;
  if (random.coin()) masks.queries = mask({batch, queries});
  if (random.coin()) masks.keys = mask({batch, keys});
  if (random.coin()) {
    Shape pairs = {batch, heads, queries, keys};
    for (int i = 0; i < 4; ++i)
      if (random.coin()) pairs[i] = 1;
    masks.pairs = mask(pairs);
  }
  sample.outputs = {attention(
      q, k, v, {.scale = random.between(0.3, 2), .causal = random.coin(), .zero_where_masked = random.coin()},
      masks)};
  return sample;
}

inline Sample sample_attention_gradient(RandomNumbers& random) {
  Sample sample = sample_attention(random);
  const Node& node = sample.outputs[0].node();
  const auto& op = dynamic_cast<const AttentionOp&>(*node.op);
  Values in = {sample.add(random.tensor(sample.outputs[0].shape(), -1, 1))};
  in.insert(in.end(), node.inputs.begin(), node.inputs.end());
  sample.outputs = folio::apply(std::make_shared<AttentionGradientOp>(op.settings(), op.masks()), in);
  return sample;
}

inline SampleTable array_samples() {
  return {
      {"Cast", sample_cast},
      {"OneHot", sample_one_hot},
      {"Reshape", sample_reshape},
      {"Broadcast", sample_broadcast},
      {"Transpose", sample_transpose},
      {"Slice", sample_slice},
      {"SliceGradient", sample_slice_gradient},
      {"Split", sample_split},
      {"Concatenate", sample_concatenate},
      {"Flip", sample_flip},
      {"Pad", sample_pad},
      {"Sum", of_axes(&sum)},
      {"Max", of_axes(&max)},
      {"ArgMax", sample_argmax},
      {"Softmax", of_rows(&softmax)},
      {"SoftmaxGradient", sample_softmax_gradient},
      {"LogSoftmax", of_rows(&log_softmax)},
      {"Attention", sample_attention},
      {"AttentionGradient", sample_attention_gradient},
      {"MatMul", sample_matmul},
      {"Convolution2D", sample_convolution},
      {"Convolution2DInputGradient", sample_convolution_input_gradient},
      {"Convolution2DKernelGradient", sample_convolution_kernel_gradient},
      {"MaxPool", of_windows(&max_pool)},
      {"MaxPoolGradient", sample_max_pool_gradient},
      {"MaxPoolSelect", sample_max_pool_select},
      {"AveragePool", of_windows(&average_pool)},
      {"AveragePoolGradient", sample_average_pool_gradient},
      {"Dropout", sample_dropout},
      {"Gather", sample_gather},
      {"ScatterAdd", sample_scatter_add},
      {"RandomNormal", sample_random_normal},
      {"RandomUniform", sample_random_uniform},
      {"AffineTransform", sample_affine_transform},
      {"AffineTransformGradient", sample_affine_transform_gradient},
      {"Scan", sample_scan},
  };
}

}  // namespace folio
