// The mean over windows of pictures.
#pragma once
#include "folio/layers/layer.h"
#include "folio/layers/pooling/pooling_layer_options.h"

namespace folio {

using AveragePooling2DOptions = WindowPoolingOptions;

/// The mean of each window, over its cells inside the picture.
/// x: (batch, height, width, channels) -> (batch, ⌊(W − F) / S⌋ + 1 each way, channels). (sheet F2)
class AveragePooling2D final : public Layer {
 public:
  explicit AveragePooling2D(Sizes pool_size = 2, AveragePooling2DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
