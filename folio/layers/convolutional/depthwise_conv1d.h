// Convolution over sequences, each channel by itself.
#pragma once
#include "folio/layers/convolutional/conv_options.h"
#include "folio/layers/layer.h"

namespace folio {

using DepthwiseConv1DOptions = DepthwiseConvOptions;

/// activation(x * kernel + bias), where every channel has kernels of its own and meets no other.
/// x: (batch, steps, channels) -> (batch, ⌊(W − F + 2P) / S⌋ + 1, channels · multiplier).
/// Kernel: (kernel size, channels, multiplier); what the kernels of one channel give lies side by side.
/// (sheet F1)
class DepthwiseConv1D final : public Layer {
 public:
  explicit DepthwiseConv1D(Sizes kernel_size, DepthwiseConv1DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
