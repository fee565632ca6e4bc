// Convolution over sequences.
#pragma once
#include "folio/layers/convolutional/conv_options.h"
#include "folio/layers/layer.h"

namespace folio {

using Conv1DOptions = ConvOptions;

/// activation(x * kernel + bias), where * slides the kernel along the steps without turning it.
/// x: (batch, steps, channels) -> (batch, ⌊(W − F + 2P) / S⌋ + 1, filters).
/// Kernel: (kernel size, channels / groups, filters). (sheet F1)
class Conv1D final : public Layer {
 public:
  Conv1D(int64_t filters, Sizes kernel_size, Conv1DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
