// Rectifier with a ceiling, a slope below and a threshold, as a layer.
#pragma once
#include <optional>

#include "folio/layers/layer.h"

namespace folio {

struct ReLUOptions {
  std::optional<double> max_value = {};  ///< none: no ceiling
  double negative_slope = 0;
  double threshold = 0;
  std::string name = {};
  bool trainable = true;
};

/// min(x, max_value) where x > threshold, negative_slope * (x - threshold) elsewhere.
/// x: any shape -> the same shape. (sheet C1)
class ReLU final : public Layer {
 public:
  explicit ReLU(ReLUOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
