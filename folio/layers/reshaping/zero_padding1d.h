// Borders of zeros around sequences.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/common/sides.h"
#include "folio/layers/layer.h"

namespace folio {

/// `padding` is one number for both ends, or {before, after}.
/// x: (batch, steps, channels) -> (batch, before + steps + after, channels)
class ZeroPadding1D final : public Layer {
 public:
  explicit ZeroPadding1D(Ends padding = 1, LayerOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
