#include "folio/applications/picture_network.h"

#include <fmt/format.h>

#include <algorithm>

#include "folio/base/error.h"
#include "folio/layers/activation/activation.h"
#include "folio/layers/convolutional/conv2d.h"
#include "folio/layers/core/input_layer.h"
#include "folio/layers/normalization/batch_normalization.h"

namespace folio::applications {

Entrance entrance(const std::string& network, const Shape& input, const Layer& scaling, int64_t least) {
  if (input.rank() != 3 || input[0] < least || input[1] < least || input[2] < 1)
    throw Error(fmt::format("{}: expected pictures (height, width, channels) of at least {} x {}, got {}",
                            network, least, least, to_string(input)));
  const Value pictures = Input(input);
  return {pictures, scaling.defined() ? scaling(pictures) : pictures};
}

int64_t widened(int64_t filters, double width) {
  return std::max<int64_t>(4, static_cast<int64_t>(static_cast<double>(filters) * width));
}

int64_t small_stride(const Shape& input) { return std::min(input[0], input[1]) > 48 ? 2 : 1; }

Value normalized_conv(const Value& x, int64_t filters, int64_t kernel, int64_t strides,
                      const std::string& name) {
  Value y = Conv2D(filters, kernel,
                   {.strides = strides,
                    .padding = "same",
                    .use_bias = false,
                    .kernel_initializer = "he_normal",
                    .name = name})(x);
  y = BatchNormalization({.momentum = 0.9, .name = name + "_bn"})(y);
  return Activation("relu", {.name = name + "_relu"})(y);
}

}  // namespace folio::applications
