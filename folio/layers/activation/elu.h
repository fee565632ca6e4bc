// Exponential linear unit, as a layer.
#pragma once
#include "folio/layers/layer.h"

namespace folio {

struct ELUOptions {
  double alpha = 1.0;
  std::string name = {};
  bool trainable = true;
};

/// x where x > 0, alpha * (exp(x) - 1) elsewhere. x: any shape -> the same shape. (sheet C1)
class ELU final : public Layer {
 public:
  explicit ELU(ELUOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
