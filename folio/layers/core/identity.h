// Nothing happens here.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/layer.h"

namespace folio {

/// x itself, of any shape and type.
class Identity final : public Layer {
 public:
  explicit Identity(LayerOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
