// Borders of zeros around sequences.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/common/pair.h"
#include "folio/layers/layer.h"

namespace folio {

/// `padding` is one number for both ends, or {before, after}.
/// x: (batch, steps, channels) -> (batch, before + steps + after, channels)
class ZeroPadding1D final : public Layer {
 public:
  explicit ZeroPadding1D(Pair padding = 1, LayerOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
