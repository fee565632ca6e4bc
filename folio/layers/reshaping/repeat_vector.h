// The same features at every step.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/layer.h"

namespace folio {

/// x: (batch, features) -> (batch, n, features)
class RepeatVector final : public Layer {
 public:
  explicit RepeatVector(int64_t n, LayerOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
