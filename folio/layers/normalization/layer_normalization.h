// The features of each example brought to mean 0 and variance 1.
#pragma once
#include "folio/layers/layer.h"

namespace folio {

struct LayerNormalizationOptions {
  std::vector<int64_t> axis = {-1};  ///< the dimensions that are normalized together
  double epsilon = 1e-3;
  bool center = true;  ///< adds beta
  bool scale = true;   ///< multiplies by gamma
  /// Divides by the deviation and takes no mean off, nor adds beta, as older Keras called it; what is meant
  /// by the name now is RMSNormalization.
  bool rms_scaling = false;
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Regularizer beta_regularizer = {};
  Regularizer gamma_regularizer = {};
  Constraint beta_constraint = {};
  Constraint gamma_constraint = {};
  std::string name = {};
  bool trainable = true;
};

/// gamma · (x − mean) / √(variance + epsilon) + beta, with mean and (biased) variance over the dimensions
/// `axis` of each example, while training and otherwise. Weights, of the sizes of these dimensions: gamma,
/// beta. x: (batch, …) -> the same shape. (sheet C6; Ba 2016)
class LayerNormalization final : public Layer {
 public:
  explicit LayerNormalization(LayerNormalizationOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
