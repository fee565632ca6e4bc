// The same features at every step.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/layer.h"

namespace folio {

/// x: (batch, features) -> (batch, n, features)
class RepeatVector final : public Layer {
 public:
  explicit RepeatVector(int64_t n, LayerOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
