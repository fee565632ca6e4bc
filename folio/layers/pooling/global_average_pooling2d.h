// The mean of whole pictures.
#pragma once
#include "folio/layers/layer.h"
#include "folio/layers/pooling/pooling_layer_options.h"

namespace folio {

using GlobalAveragePooling2DOptions = GlobalPoolingOptions;

/// The mean of each channel. x: (batch, height, width, channels) -> (batch, channels). (sheet F2)
class GlobalAveragePooling2D final : public Layer {
 public:
  explicit GlobalAveragePooling2D(GlobalAveragePooling2DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
