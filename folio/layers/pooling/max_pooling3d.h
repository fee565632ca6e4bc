// The largest element of windows of volumes.
#pragma once
#include "folio/layers/layer.h"
#include "folio/layers/pooling/pooling_layer_options.h"

namespace folio {

using MaxPooling3DOptions = WindowPoolingOptions;

/// The largest element of each window.
/// x: (batch, depth, height, width, channels) -> (batch, ⌊(W − F) / S⌋ + 1 each way, channels). (sheet F2)
class MaxPooling3D final : public Layer {
 public:
  explicit MaxPooling3D(Sizes pool_size = 2, MaxPooling3DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
