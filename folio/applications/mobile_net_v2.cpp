#include "folio/applications/mobile_net_v2.h"

#include <fmt/format.h>

#include <algorithm>

#include "folio/applications/picture_network.h"
#include "folio/layers/activation/re_lu.h"
#include "folio/layers/convolutional/conv2d.h"
#include "folio/layers/convolutional/depthwise_conv2d.h"
#include "folio/layers/core/dense.h"
#include "folio/layers/merging/merge.h"
#include "folio/layers/normalization/batch_normalization.h"
#include "folio/layers/pooling/global_average_pooling2d.h"
#include "folio/layers/reshaping/zero_padding2d.h"

namespace folio::applications {
namespace {

// Table 2: filters, how often, and the stride of the first.
struct Row {
  int64_t filters;
  int count;
  int64_t strides;
};
constexpr Row kRows[] = {{16, 1, 1}, {24, 2, 2},  {32, 3, 2}, {64, 4, 2},
                         {96, 3, 1}, {160, 3, 2}, {320, 1, 1}};

// The nearest multiple of 8, and not less than nine tenths.
int64_t to_eights(double filters) {
  const int64_t near = std::max<int64_t>(8, static_cast<int64_t>(filters + 4) / 8 * 8);
  return static_cast<double>(near) < 0.9 * filters ? near + 8 : near;
}

Value normalized(const Value& x, const std::string& name) {
  return BatchNormalization({.momentum = 0.999, .name = name})(x);
}

Value relu6(const Value& x, const std::string& name) { return ReLU({.max_value = 6, .name = name})(x); }

Value pointwise(const Value& x, int64_t filters, const std::string& name) {
  return Conv2D(filters, 1, {.padding = "same", .use_bias = false, .name = name})(x);
}

// What a stride of 2 needs at the edges, so that every pixel is seen.
Sides border(const Shape& x) { return {{x[1] % 2, 1}, {x[2] % 2, 1}}; }

Value inverted_residual(const Value& inputs, int64_t filters, int64_t strides, int number) {
  const std::string place = number == 0 ? "expanded_conv_" : fmt::format("block_{}_", number);
  const int64_t channels = inputs.shape()[-1];
  Value x = inputs;
  if (number > 0) {
    x = normalized(pointwise(x, 6 * channels, place + "expand"), place + "expand_BN");
    x = relu6(x, place + "expand_relu");
  }
  if (strides == 2) x = ZeroPadding2D(border(x.shape()), {.name = place + "pad"})(x);
  x = DepthwiseConv2D(3, {.strides = strides,
                          .padding = strides == 1 ? "same" : "valid",
                          .use_bias = false,
                          .name = place + "depthwise"})(x);
  x = relu6(normalized(x, place + "depthwise_BN"), place + "depthwise_relu");
  x = normalized(pointwise(x, filters, place + "project"), place + "project_BN");
  if (channels == filters && strides == 1) x = Add({.name = place + "add"})({inputs, x});
  return x;
}

}  // namespace

Model MobileNetV2(const MobileNetV2Options& options) {
  auto [pictures, x] = entrance("MobileNetV2", options.input, options.scaling, options.small ? 16 : 32);
  const double width = options.width;
  const int64_t first = options.small ? small_stride(options.input) : 2;
  x = Conv2D(to_eights(32 * width), 3,
             {.strides = first, .padding = "same", .use_bias = false, .name = "Conv1"})(x);
  x = relu6(normalized(x, "bn_Conv1"), "Conv1_relu");
  int number = 0;
  for (const Row& row : kRows)
    for (int i = 0; i < row.count; ++i) {
      const int64_t strides = i > 0 || (options.small && row.filters == 24) ? 1 : row.strides;
      const auto filters = static_cast<int64_t>(static_cast<double>(row.filters) * width);
      x = inverted_residual(x, to_eights(static_cast<double>(filters)), strides, number++);
    }
  // The last convolution is never narrower than published.
  x = Conv2D(width > 1 ? to_eights(1280 * width) : 1280, 1, {.use_bias = false, .name = "Conv_1"})(x);
  x = relu6(normalized(x, "Conv_1_bn"), "out_relu");
  x = GlobalAveragePooling2D()(x);
  x = Dense(options.classes, {.activation = "softmax", .name = "predictions"})(x);
  const std::string name = fmt::format("mobilenetv2_{:.2f}_{}", width, options.input[0]);
  return Model(pictures, x, options.name.empty() ? name : options.name);
}

}  // namespace folio::applications
