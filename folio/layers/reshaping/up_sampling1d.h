// Sequences made larger.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/layer.h"

namespace folio {

/// Every cell is repeated `size` times along the steps.
/// x: (batch, steps, channels) -> (batch, steps · size, channels)
class UpSampling1D final : public Layer {
 public:
  explicit UpSampling1D(int64_t size = 2, LayerOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
