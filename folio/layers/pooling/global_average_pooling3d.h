// The mean of whole volumes.
#pragma once
#include "folio/layers/layer.h"
#include "folio/layers/pooling/pooling_layer_options.h"

namespace folio {

using GlobalAveragePooling3DOptions = GlobalPoolingOptions;

/// The mean of each channel. x: (batch, depth, height, width, channels) -> (batch, channels). (sheet F2)
class GlobalAveragePooling3D final : public Layer {
 public:
  explicit GlobalAveragePooling3D(GlobalAveragePooling3DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
