// The mean over windows of volumes.
#pragma once
#include "folio/layers/layer.h"
#include "folio/layers/pooling/pooling_layer_options.h"

namespace folio {

using AveragePooling3DOptions = WindowPoolingOptions;

/// The mean of each window, over its cells inside the volume.
/// x: (batch, depth, height, width, channels) -> (batch, ⌊(W − F) / S⌋ + 1 each way, channels). (sheet F2)
class AveragePooling3D final : public Layer {
 public:
  explicit AveragePooling3D(Sizes pool_size = 2, AveragePooling3DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
