// Convolution over pictures in two steps: along each channel, then across the channels.
#pragma once
#include "folio/layers/convolutional/conv_options.h"
#include "folio/layers/layer.h"

namespace folio {

using SeparableConv2DOptions = SeparableConvOptions;

/// activation((x * depthwise) * pointwise + bias): every channel is convolved by itself, then a kernel of
/// size 1 mixes the channels. x: (batch, height, width, channels) -> (batch, ⌊(W − F + 2P) / S⌋ + 1 each way,
/// filters). Kernels: (kernel height, kernel width, channels, multiplier) and (1, 1, channels · multiplier,
/// filters). (sheet F1)
class SeparableConv2D final : public Layer {
 public:
  SeparableConv2D(int64_t filters, Sizes kernel_size, SeparableConv2DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
