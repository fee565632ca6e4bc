// One layer at every step.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/layer.h"

namespace folio {

/// Applies `layer` to each step as if it were an example: batch and time become the rows of one call. A
/// layer that takes statistics of the batch (BatchNormalization) is called step by step while training, as
/// Keras does. x: (batch, time, …) -> (batch, time, what the layer makes of …). (sheet G1)
class TimeDistributed final : public Layer {
 public:
  explicit TimeDistributed(Layer layer, LayerOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
