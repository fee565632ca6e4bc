// Borders cut off sequences.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/common/sides.h"
#include "folio/layers/layer.h"

namespace folio {

/// `cropping` is one number for both ends, or {before, after}.
/// x: (batch, steps, channels) -> (batch, steps − before − after, channels)
class Cropping1D final : public Layer {
 public:
  explicit Cropping1D(Ends cropping = 1, LayerOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
