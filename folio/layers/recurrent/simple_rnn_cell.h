// The cell of SimpleRNN.
#pragma once
#include <optional>

#include "folio/layers/common/activation_choice.h"
#include "folio/layers/recurrent/cell.h"

namespace folio {

struct SimpleRNNCellOptions {
  ActivationChoice activation = "tanh";
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint recurrent_constraint = {};
  Constraint bias_constraint = {};
  double dropout = 0;                ///< of the inputs, the same elements at every step of a sequence
  double recurrent_dropout = 0;      ///< of the state
  std::optional<int64_t> seed = {};  ///< not given: the model's seed
  std::string name = {};
  bool trainable = true;
};

/// h' = activation(x · kernel + h · recurrent_kernel + bias); x: (batch, features), h: (batch, units). (sheet
/// G3)
class SimpleRNNCell final : public Layer {
 public:
  explicit SimpleRNNCell(int64_t units, SimpleRNNCellOptions options = {});
  static std::shared_ptr<LayerBody> blank();
  /// With settings that nobody has checked: for the layers around cells.
  static std::shared_ptr<LayerBody> body(int64_t units, SimpleRNNCellOptions options);
};

}  // namespace folio
