// Convolution over pictures, turned round: from small to large.
#pragma once
#include "folio/layers/convolutional/conv_options.h"
#include "folio/layers/layer.h"

namespace folio {

using Conv2DTransposeOptions = ConvTransposeOptions;

/// activation(y + bias), where y spreads every cell of x over the cells of the kernel: the gradient of a
/// convolution by its input.
/// x: (batch, height, width, channels) -> (batch, (W − 1) · S + max(F, S) each way, filters).
/// Kernel: (kernel height, kernel width, filters, channels). (sheet F1)
class Conv2DTranspose final : public Layer {
 public:
  Conv2DTranspose(int64_t filters, Sizes kernel_size, Conv2DTransposeOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
