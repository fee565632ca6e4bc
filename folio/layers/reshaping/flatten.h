// All features of an example in one row.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/layer.h"

namespace folio {

using FlattenOptions = PictureOptions;

/// x: (batch, a, b, …) -> (batch, a·b·…); (batch) -> (batch, 1)
class Flatten final : public Layer {
 public:
  explicit Flatten(FlattenOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
