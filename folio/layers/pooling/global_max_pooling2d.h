// The largest element of whole pictures.
#pragma once
#include "folio/layers/layer.h"
#include "folio/layers/pooling/pooling_layer_options.h"

namespace folio {

using GlobalMaxPooling2DOptions = GlobalPoolingOptions;

/// The largest element of each channel. x: (batch, height, width, channels) -> (batch, channels). (sheet F2)
class GlobalMaxPooling2D final : public Layer {
 public:
  explicit GlobalMaxPooling2D(GlobalMaxPooling2DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
