// Convolution over pictures, each channel by itself.
#pragma once
#include "folio/layers/convolutional/conv_options.h"
#include "folio/layers/layer.h"

namespace folio {

using DepthwiseConv2DOptions = DepthwiseConvOptions;

/// activation(x * kernel + bias), where every channel has kernels of its own and meets no other.
/// x: (batch, height, width, channels) -> (batch, ⌊(W − F + 2P) / S⌋ + 1 each way, channels · multiplier).
/// Kernel: (kernel height, kernel width, channels, multiplier); what the kernels of one channel give lies
/// side by side. (sheet F1)
class DepthwiseConv2D final : public Layer {
 public:
  explicit DepthwiseConv2D(Sizes kernel_size, DepthwiseConv2DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
