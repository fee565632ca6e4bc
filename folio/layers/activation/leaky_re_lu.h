// Rectifier with a slope below 0, as a layer.
#pragma once
#include "folio/layers/layer.h"

namespace folio {

struct LeakyReLUOptions {
  double negative_slope = 0.3;
  std::string name = {};
  bool trainable = true;
};

/// x where x > 0, negative_slope * x elsewhere. Keras' layer takes 0.3, its function "leaky_relu" 0.2, the
/// sheet 0.01. x: any shape -> the same shape. (sheet C1, errata 16)
class LeakyReLU final : public Layer {
 public:
  explicit LeakyReLU(LeakyReLUOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
