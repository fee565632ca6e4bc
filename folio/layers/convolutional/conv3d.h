// Convolution over volumes.
#pragma once
#include "folio/layers/convolutional/conv_options.h"
#include "folio/layers/layer.h"

namespace folio {

using Conv3DOptions = ConvOptions;

/// activation(x * kernel + bias), where * slides the kernel through the volume without turning it.
/// x: (batch, depth, height, width, channels) -> (batch, ⌊(W − F + 2P) / S⌋ + 1 each way, filters).
/// Kernel: (kernel depth, kernel height, kernel width, channels / groups, filters). (sheet F1)
class Conv3D final : public Layer {
 public:
  Conv3D(int64_t filters, Sizes kernel_size, Conv3DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
