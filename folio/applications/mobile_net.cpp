#include "folio/applications/mobile_net.h"

#include <fmt/format.h>

#include "folio/applications/picture_network.h"
#include "folio/layers/activation/activation.h"
#include "folio/layers/activation/re_lu.h"
#include "folio/layers/convolutional/conv2d.h"
#include "folio/layers/convolutional/depthwise_conv2d.h"
#include "folio/layers/normalization/batch_normalization.h"
#include "folio/layers/pooling/global_average_pooling2d.h"
#include "folio/layers/regularization/dropout.h"
#include "folio/layers/reshaping/reshape.h"
#include "folio/layers/reshaping/zero_padding2d.h"

namespace folio::applications {
namespace {

// Table 1: filters and stride of each pair.
struct Pair {
  int64_t filters, strides;
};
constexpr Pair kPairs[] = {{64, 1},  {128, 2}, {128, 1}, {256, 2}, {256, 1},  {512, 2}, {512, 1},
                           {512, 1}, {512, 1}, {512, 1}, {512, 1}, {1024, 2}, {1024, 1}};

Value normalized_relu6(const Value& x, const std::string& name) {
  return ReLU({.max_value = 6, .name = name + "_relu"})(BatchNormalization({.name = name + "_bn"})(x));
}

Value pair(Value x, int64_t filters, int64_t strides, int number) {
  const std::string depthwise = fmt::format("conv_dw_{}", number),
                    pointwise = fmt::format("conv_pw_{}", number);
  if (strides == 2) x = ZeroPadding2D({{0, 1}, {0, 1}}, {.name = fmt::format("conv_pad_{}", number)})(x);
  x = DepthwiseConv2D(
      3,
      {.strides = strides, .padding = strides == 1 ? "same" : "valid", .use_bias = false, .name = depthwise})(
      x);
  x = normalized_relu6(x, depthwise);
  x = Conv2D(filters, 1, {.padding = "same", .use_bias = false, .name = pointwise})(x);
  return normalized_relu6(x, pointwise);
}

}  // namespace

Model MobileNet(const MobileNetOptions& options) {
  auto [pictures, x] = entrance("MobileNet", options.input, options.scaling, options.small ? 16 : 32);
  const auto filters = [&](int64_t published) { return widened(published, options.width); };
  const int64_t first = options.small ? small_stride(options.input) : 2;
  x = Conv2D(filters(32), 3, {.strides = first, .padding = "same", .use_bias = false, .name = "conv1"})(x);
  x = normalized_relu6(x, "conv1");
  int number = 0;
  for (const Pair& row : kPairs) {
    ++number;
    x = pair(x, filters(row.filters), options.small && number == 2 ? 1 : row.strides, number);
  }
  x = GlobalAveragePooling2D({.keepdims = true})(x);
  x = Dropout(options.dropout, {.name = "dropout"})(x);
  x = Conv2D(options.classes, 1, {.padding = "same", .name = "conv_preds"})(x);
  x = Reshape({options.classes}, {.name = "reshape_2"})(x);
  x = Activation("softmax", {.name = "predictions"})(x);
  const std::string name = fmt::format("mobilenet_{:.2f}_{}", options.width, options.input[0]);
  return Model(pictures, x, options.name.empty() ? name : options.name);
}

}  // namespace folio::applications
