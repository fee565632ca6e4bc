// What the networks of this folder have in common: where they begin, how wide they are, and what they are
// made of.
#pragma once
#include <string>

#include "folio/layers/layer.h"

namespace folio::applications {

/// Where a network begins.
struct Entrance {
  Value pictures;  ///< the model's input
  Value x;         ///< the same, scaled if there is a scaling
};

/// Throws `Error` naming the network unless `input` is (height, width, channels) of at least `least` pixels
/// each way. `scaling` may be undefined.
Entrance entrance(const std::string& network, const Shape& input, const Layer& scaling, int64_t least);

/// Filters (or units) of a network `width` times as wide: whole, at least 4.
int64_t widened(int64_t filters, double width);

/// The stride with which the variants for small pictures begin: 1, and 2 for sides of more than 48 pixels.
int64_t small_stride(const Shape& input);

/// Convolution without bias, batch normalization, relu: what the variants for small pictures are made of.
/// "same" padding; the layers are called `name`, `name`_bn and `name`_relu.
Value normalized_conv(const Value& x, int64_t filters, int64_t kernel, int64_t strides,
                      const std::string& name);

}  // namespace folio::applications
