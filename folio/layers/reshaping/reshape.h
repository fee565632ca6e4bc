// The features of an example in another shape.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/layer.h"

namespace folio {

/// x: (batch, …) -> (batch, target shape); one dimension of the target may be -1 and takes what is left.
class Reshape final : public Layer {
 public:
  explicit Reshape(Shape target_shape, LayerOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
