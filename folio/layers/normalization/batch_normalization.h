// Channels brought to mean 0 and variance 1 over the batch.
#pragma once
#include "folio/layers/layer.h"

namespace folio {

struct BatchNormalizationOptions {
  int64_t axis = -1;  ///< the dimension that is not averaged over
  double momentum = 0.99;
  double epsilon = 1e-3;
  bool center = true;  ///< adds beta
  bool scale = true;   ///< multiplies by gamma
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Regularizer beta_regularizer = {};
  Regularizer gamma_regularizer = {};
  Constraint beta_constraint = {};
  Constraint gamma_constraint = {};
  Initializer moving_mean_initializer = "zeros";
  Initializer moving_variance_initializer = "ones";
  std::string name = {};
  bool trainable = true;
};

/// gamma · (x − mean) / √(variance + epsilon) + beta, per channel. While training, mean and (biased) variance
/// are those of the batch and the moving ones follow: moving · momentum + batch · (1 − momentum). Otherwise,
/// and always when the layer is not trainable, the moving ones are taken. Weights: gamma, beta, moving mean,
/// moving variance. x: (batch, …, channels) -> the same shape. (sheet C6, errata 6; Ioffe 2015)
class BatchNormalization final : public Layer {
 public:
  explicit BatchNormalization(BatchNormalizationOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
