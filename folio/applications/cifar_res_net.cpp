#include "folio/applications/cifar_res_net.h"

#include <fmt/format.h>

#include "folio/applications/picture_network.h"
#include "folio/layers/activation/activation.h"
#include "folio/layers/convolutional/conv2d.h"
#include "folio/layers/core/dense.h"
#include "folio/layers/merging/merge.h"
#include "folio/layers/normalization/batch_normalization.h"
#include "folio/layers/pooling/global_average_pooling2d.h"

namespace folio::applications {
namespace {

constexpr double kWeightDecay = 1e-4;

Value conv(const Value& x, int64_t filters, int64_t kernel, int64_t strides, const std::string& name) {
  const Value y = Conv2D(filters, kernel,
                         {.strides = strides,
                          .padding = "same",
                          .use_bias = false,
                          .kernel_initializer = "he_normal",
                          .kernel_regularizer = Regularizer::l2(kWeightDecay),
                          .name = name + "_conv"})(x);
  return BatchNormalization({.momentum = 0.9, .epsilon = 1e-5, .name = name + "_bn"})(y);
}

Value relu(const Value& x, const std::string& name) { return Activation("relu", {.name = name})(x); }

Value block(const Value& x, int64_t filters, int64_t strides, const std::string& name) {
  const bool same = strides == 1 && x.shape()[-1] == filters;
  const Value shortcut = same ? x : conv(x, filters, 1, strides, name + "_0");
  Value y = relu(conv(x, filters, 3, strides, name + "_1"), name + "_1_relu");
  y = conv(y, filters, 3, 1, name + "_2");
  return relu(Add({.name = name + "_add"})({shortcut, y}), name + "_out");
}

// 6n + 2 layers.
Model resnet(int layers, const CifarResNetOptions& options) {
  const std::string name = fmt::format("resnet{}", layers);
  auto [pictures, x] = entrance(name, options.input, options.scaling, 8);
  x = relu(conv(x, widened(16, options.width), 3, 1, "conv1"), "conv1_relu");
  for (int stack = 0; stack < 3; ++stack)
    for (int n = 1; n <= (layers - 2) / 6; ++n)
      x = block(x, widened(int64_t{16} << stack, options.width), stack > 0 && n == 1 ? 2 : 1,
                fmt::format("conv{}_block{}", stack + 2, n));
  x = GlobalAveragePooling2D({.name = "avg_pool"})(x);
  x = Dense(options.classes,
            {.activation = "softmax", .kernel_initializer = "he_normal", .name = "predictions"})(x);
  return Model(pictures, x, options.name.empty() ? name : options.name);
}

}  // namespace

Model ResNet20(const CifarResNetOptions& options) { return resnet(20, options); }
Model ResNet32(const CifarResNetOptions& options) { return resnet(32, options); }
Model ResNet44(const CifarResNetOptions& options) { return resnet(44, options); }
Model ResNet56(const CifarResNetOptions& options) { return resnet(56, options); }
Model ResNet110(const CifarResNetOptions& options) { return resnet(110, options); }

}  // namespace folio::applications
