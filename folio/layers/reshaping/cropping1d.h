// Borders cut off sequences.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/common/pair.h"
#include "folio/layers/layer.h"

namespace folio {

/// `cropping` is one number for both ends, or {before, after}.
/// x: (batch, steps, channels) -> (batch, steps − before − after, channels)
class Cropping1D final : public Layer {
 public:
  explicit Cropping1D(Pair cropping = 1, LayerOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
