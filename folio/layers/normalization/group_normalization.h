// Groups of channels of each example brought to mean 0 and variance 1.
#pragma once
#include "folio/layers/layer.h"

namespace folio {

struct GroupNormalizationOptions {
  int64_t groups = 32;  ///< must divide the channels; -1: every channel for itself (instance normalization)
  int64_t axis = -1;    ///< the dimension of the channels
  double epsilon = 1e-3;
  bool center = true;  ///< adds beta
  bool scale = true;   ///< multiplies by gamma
  Initializer beta_initializer = "zeros";
  Initializer gamma_initializer = "ones";
  Regularizer beta_regularizer = {};
  Regularizer gamma_regularizer = {};
  Constraint beta_constraint = {};
  Constraint gamma_constraint = {};
  std::string name = {};
  bool trainable = true;
};

/// gamma · (x − mean) / √(variance + epsilon) + beta, with mean and (biased) variance over the channels of a
/// group and all other dimensions of an example. Weights, one for each channel: gamma, beta.
/// x: (batch, …) -> the same shape. (sheet C6; Wu 2018)
class GroupNormalization final : public Layer {
 public:
  explicit GroupNormalization(GroupNormalizationOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
