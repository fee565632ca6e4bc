// The mean over windows of sequences.
#pragma once
#include "folio/layers/layer.h"
#include "folio/layers/pooling/pooling_layer_options.h"

namespace folio {

using AveragePooling1DOptions = WindowPoolingOptions;

/// The mean of each window, over its cells inside the sequence.
/// x: (batch, steps, channels) -> (batch, ⌊(W − F) / S⌋ + 1, channels). (sheet F2)
class AveragePooling1D final : public Layer {
 public:
  explicit AveragePooling1D(Sizes pool_size = 2, AveragePooling1DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
