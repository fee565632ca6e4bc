// The largest element of windows of pictures.
#pragma once
#include "folio/layers/layer.h"
#include "folio/layers/pooling/pooling_layer_options.h"

namespace folio {

using MaxPooling2DOptions = WindowPoolingOptions;

/// The largest element of each window.
/// x: (batch, height, width, channels) -> (batch, ⌊(W − F) / S⌋ + 1 each way, channels). (sheet F2)
class MaxPooling2D final : public Layer {
 public:
  explicit MaxPooling2D(Sizes pool_size = 2, MaxPooling2DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
