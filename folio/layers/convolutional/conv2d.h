// Convolution over pictures.
#pragma once
#include "folio/layers/convolutional/conv_options.h"
#include "folio/layers/layer.h"

namespace folio {

using Conv2DOptions = ConvOptions;

/// activation(x * kernel + bias), where * slides the kernel over the picture without turning it.
/// x: (batch, height, width, channels) -> (batch, ⌊(W − F + 2P) / S⌋ + 1 each way, filters).
/// Kernel: (kernel height, kernel width, channels / groups, filters). (sheet F1)
class Conv2D final : public Layer {
 public:
  Conv2D(int64_t filters, Sizes kernel_size, Conv2DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
