// The mean of whole sequences.
#pragma once
#include "folio/layers/layer.h"
#include "folio/layers/pooling/pooling_layer_options.h"

namespace folio {

using GlobalAveragePooling1DOptions = GlobalPoolingOptions;

/// The mean of each channel. x: (batch, steps, channels) -> (batch, channels). (sheet F2)
class GlobalAveragePooling1D final : public Layer {
 public:
  explicit GlobalAveragePooling1D(GlobalAveragePooling1DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
