// Nothing happens here.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/layer.h"

namespace folio {

/// x itself, of any shape and type.
class Identity final : public Layer {
 public:
  explicit Identity(LayerOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
