// Convolution over sequences, turned round: from small to large.
#pragma once
#include "folio/layers/convolutional/conv_options.h"
#include "folio/layers/layer.h"

namespace folio {

using Conv1DTransposeOptions = ConvTransposeOptions;

/// activation(y + bias), where y spreads every cell of x over the cells of the kernel: the gradient of a
/// convolution by its input.
/// x: (batch, steps, channels) -> (batch, (W − 1) · S + max(F, S), filters).
/// Kernel: (kernel size, filters, channels). (sheet F1)
class Conv1DTranspose final : public Layer {
 public:
  Conv1DTranspose(int64_t filters, Sizes kernel_size, Conv1DTransposeOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
