// Convolution over sequences in two steps: along each channel, then across the channels.
#pragma once
#include "folio/layers/convolutional/conv_options.h"
#include "folio/layers/layer.h"

namespace folio {

using SeparableConv1DOptions = SeparableConvOptions;

/// activation((x * depthwise) * pointwise + bias): every channel is convolved by itself, then a kernel of
/// size 1 mixes the channels. x: (batch, steps, channels) -> (batch, ⌊(W − F + 2P) / S⌋ + 1, filters).
/// Kernels: (kernel size, channels, multiplier) and (1, channels · multiplier, filters). (sheet F1)
class SeparableConv1D final : public Layer {
 public:
  SeparableConv1D(int64_t filters, Sizes kernel_size, SeparableConv1DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
