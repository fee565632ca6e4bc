// The largest element of whole sequences.
#pragma once
#include "folio/layers/layer.h"
#include "folio/layers/pooling/pooling_layer_options.h"

namespace folio {

using GlobalMaxPooling1DOptions = GlobalPoolingOptions;

/// The largest element of each channel. x: (batch, steps, channels) -> (batch, channels). (sheet F2)
class GlobalMaxPooling1D final : public Layer {
 public:
  explicit GlobalMaxPooling1D(GlobalMaxPooling1DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
