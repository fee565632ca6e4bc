// Rectifier whose slope below 0 is learnt.
#pragma once
#include "folio/layers/layer.h"

namespace folio {

struct PReLUOptions {
  Initializer alpha_initializer = "zeros";
  Regularizer alpha_regularizer = {};
  Constraint alpha_constraint = {};
  std::vector<int64_t> shared_axes = {};  ///< dimensions, from 1 on, along which one slope serves all
  std::string name = {};
  bool trainable = true;
};

/// x where x > 0, alpha · x elsewhere. Weight: alpha, of the input's shape without the batch, with 1 for
/// `shared_axes`. x: (batch, …) -> the same shape. (sheet C1; He 2015)
class PReLU final : public Layer {
 public:
  explicit PReLU(PReLUOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
