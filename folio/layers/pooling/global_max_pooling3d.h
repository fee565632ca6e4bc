// The largest element of whole volumes.
#pragma once
#include "folio/layers/layer.h"
#include "folio/layers/pooling/pooling_layer_options.h"

namespace folio {

using GlobalMaxPooling3DOptions = GlobalPoolingOptions;

/// The largest element of each channel. x: (batch, depth, height, width, channels) -> (batch, channels).
/// (sheet F2)
class GlobalMaxPooling3D final : public Layer {
 public:
  explicit GlobalMaxPooling3D(GlobalMaxPooling3DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
