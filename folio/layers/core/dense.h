// Fully connected layer.
#pragma once
#include "folio/layers/common/activation_choice.h"
#include "folio/layers/layer.h"

namespace folio {

struct DenseOptions {
  ActivationChoice activation = {};
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  std::string name = {};
  bool trainable = true;
};

/// activation(x · kernel + bias).  x: (batch, …, features) -> (batch, …, units)
class Dense final : public Layer {
 public:
  explicit Dense(int64_t units, DenseOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
