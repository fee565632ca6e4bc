// The features of each example brought to a root mean square of 1.
#pragma once
#include "folio/layers/layer.h"

namespace folio {

struct RMSNormalizationOptions {
  std::vector<int64_t> axis = {-1};  ///< the dimensions that are normalized together
  double epsilon = 1e-6;
  std::string name = {};
  bool trainable = true;
};

/// scale · x / √(mean(x²) + epsilon), with the mean over the dimensions `axis` of each example, while
/// training and otherwise. Weight, of the sizes of these dimensions: scale. x: (batch, …) -> the same shape.
/// (Zhang 2019)
class RMSNormalization final : public Layer {
 public:
  explicit RMSNormalization(RMSNormalizationOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
