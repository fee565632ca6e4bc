// The dimensions of an example in another order.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/layer.h"

namespace folio {

/// Dimension i of the result is dimension dims[i - 1] of x, counted from 1 as in Keras; the batch stays.
/// Permute({2, 1}): (batch, a, b) -> (batch, b, a).
class Permute final : public Layer {
 public:
  explicit Permute(std::vector<int64_t> dims, LayerOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
