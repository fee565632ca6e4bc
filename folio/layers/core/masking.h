// Steps that say nothing.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/layer.h"

namespace folio {

/// Steps of which every feature equals `mask_value` become zeros; the others pass. Layers after it pass them
/// over: `compute_masks` tells which these are. x: (batch, …, features) -> the same shape. (sheet G1)
class Masking final : public Layer {
 public:
  explicit Masking(double mask_value = 0, LayerOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
