#include "folio/applications/res_net.h"

#include <fmt/format.h>

#include <array>

#include "folio/applications/picture_network.h"
#include "folio/layers/activation/activation.h"
#include "folio/layers/convolutional/conv2d.h"
#include "folio/layers/core/dense.h"
#include "folio/layers/merging/merge.h"
#include "folio/layers/normalization/batch_normalization.h"
#include "folio/layers/pooling/global_average_pooling2d.h"
#include "folio/layers/pooling/max_pooling2d.h"
#include "folio/layers/reshaping/zero_padding2d.h"

namespace folio::applications {
namespace {

using Blocks = std::array<int, 4>;

Value conv(const Value& x, int64_t filters, int64_t kernel, int64_t strides, bool bias,
           const std::string& name) {
  return Conv2D(filters, kernel,
                {.strides = strides,
                 .padding = kernel > 1 ? "same" : "valid",
                 .use_bias = bias,
                 .kernel_initializer = "he_normal",
                 .name = name + "_conv"})(x);
}

Value normalized(const Value& x, const std::string& name) {
  return BatchNormalization({.epsilon = 1.001e-5, .name = name + "_bn"})(x);
}

Value relu(const Value& x, const std::string& name) { return Activation("relu", {.name = name})(x); }

// With strides of 2 "same" would begin at another pixel than published: a border, then "valid".
Value strided3(const Value& x, int64_t filters, int64_t strides, const std::string& name) {
  if (strides == 1) return conv(x, filters, 3, 1, false, name);
  return Conv2D(
      filters, 3,
      {.strides = strides, .use_bias = false, .kernel_initializer = "he_normal", .name = name + "_conv"})(
      ZeroPadding2D(1, {.name = name + "_pad"})(x));
}

// 3 x 3, 3 x 3.
Value basic_block(const Value& x, int64_t filters, int64_t strides, const std::string& name) {
  const bool same = strides == 1 && x.shape()[-1] == filters;
  const Value shortcut = same ? x : normalized(conv(x, filters, 1, strides, false, name + "_0"), name + "_0");
  Value y = normalized(strided3(x, filters, strides, name + "_1"), name + "_1");
  y = relu(y, name + "_1_relu");
  y = normalized(conv(y, filters, 3, 1, false, name + "_2"), name + "_2");
  return relu(Add({.name = name + "_add"})({shortcut, y}), name + "_out");
}

// 1 x 1, 3 x 3, 1 x 1 to four times as many; the first block of a stack has a convolution as its shortcut.
Value bottleneck_block(const Value& x, int64_t filters, int64_t strides, bool first,
                       const std::string& name) {
  const Value shortcut =
      first ? normalized(conv(x, 4 * filters, 1, strides, true, name + "_0"), name + "_0") : x;
  Value y = relu(normalized(conv(x, filters, 1, strides, true, name + "_1"), name + "_1"), name + "_1_relu");
  y = relu(normalized(conv(y, filters, 3, 1, true, name + "_2"), name + "_2"), name + "_2_relu");
  y = normalized(conv(y, 4 * filters, 1, 1, true, name + "_3"), name + "_3");
  return relu(Add({.name = name + "_add"})({shortcut, y}), name + "_out");
}

Model resnet(const Blocks& blocks, bool bottleneck, const ResNetOptions& options, const std::string& name) {
  auto [pictures, x] = entrance(name, options.input, options.scaling, options.small ? 8 : 32);
  const int64_t stem = widened(64, options.width);
  if (options.small) {
    x = relu(normalized(conv(x, stem, 3, small_stride(options.input), bottleneck, "conv1"), "conv1"),
             "conv1_relu");
  } else {
    x = ZeroPadding2D(3, {.name = "conv1_pad"})(x);
    x = Conv2D(
        stem, 7,
        {.strides = 2, .use_bias = bottleneck, .kernel_initializer = "he_normal", .name = "conv1_conv"})(x);
    x = relu(normalized(x, "conv1"), "conv1_relu");
    x = ZeroPadding2D(1, {.name = "pool1_pad"})(x);
    x = MaxPooling2D(3, {.strides = 2, .name = "pool1_pool"})(x);
  }
  for (int stack = 0; stack < 4; ++stack) {
    const int64_t filters = widened(int64_t{64} << stack, options.width);
    for (int block = 1; block <= blocks[static_cast<size_t>(stack)]; ++block) {
      const std::string place = fmt::format("conv{}_block{}", stack + 2, block);
      const int64_t strides = stack > 0 && block == 1 ? 2 : 1;
      x = bottleneck ? bottleneck_block(x, filters, strides, block == 1, place)
                     : basic_block(x, filters, strides, place);
    }
  }
  x = GlobalAveragePooling2D({.name = "avg_pool"})(x);
  x = Dense(options.classes, {.activation = "softmax", .name = "predictions"})(x);
  return Model(pictures, x, options.name.empty() ? name : options.name);
}

}  // namespace

Model ResNet18(const ResNetOptions& options) { return resnet({2, 2, 2, 2}, false, options, "resnet18"); }
Model ResNet34(const ResNetOptions& options) { return resnet({3, 4, 6, 3}, false, options, "resnet34"); }
Model ResNet50(const ResNetOptions& options) { return resnet({3, 4, 6, 3}, true, options, "resnet50"); }
Model ResNet101(const ResNetOptions& options) { return resnet({3, 4, 23, 3}, true, options, "resnet101"); }
Model ResNet152(const ResNetOptions& options) { return resnet({3, 8, 36, 3}, true, options, "resnet152"); }

}  // namespace folio::applications
