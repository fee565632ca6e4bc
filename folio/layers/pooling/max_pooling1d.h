// The largest element of windows of sequences.
#pragma once
#include "folio/layers/layer.h"
#include "folio/layers/pooling/pooling_layer_options.h"

namespace folio {

using MaxPooling1DOptions = WindowPoolingOptions;

/// The largest element of each window.
/// x: (batch, steps, channels) -> (batch, ⌊(W − F) / S⌋ + 1, channels). (sheet F2)
class MaxPooling1D final : public Layer {
 public:
  explicit MaxPooling1D(Sizes pool_size = 2, MaxPooling1DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
