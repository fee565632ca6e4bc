// The cell of LSTM.
#pragma once
#include <optional>

#include "folio/layers/common/activation_choice.h"
#include "folio/layers/recurrent/cell.h"

namespace folio {

struct LSTMCellOptions {
  ActivationChoice activation = "tanh";
  ActivationChoice recurrent_activation = "sigmoid";  ///< of the gates
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer recurrent_initializer = "orthogonal";
  Initializer bias_initializer = "zeros";
  bool unit_forget_bias = true;  ///< the forget gate's bias starts with 1
  Regularizer kernel_regularizer = {};
  Regularizer recurrent_regularizer = {};
  Regularizer bias_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint recurrent_constraint = {};
  Constraint bias_constraint = {};
  double dropout = 0;                ///< of the inputs, the same elements at every step of a sequence
  double recurrent_dropout = 0;      ///< of the state h
  std::optional<int64_t> seed = {};  ///< not given: the model's seed
  std::string name = {};
  bool trainable = true;
};

/// Long short-term memory (Hochreiter 1997), gates in Keras' order i, f, c, o:
/// z = x · kernel + h · recurrent_kernel + bias,
/// c' = gate(z_f) * c + gate(z_i) * activation(z_c),  h' = gate(z_o) * activation(c').
/// x: (batch, features); states h and c: (batch, units). (sheet G4)
class LSTMCell final : public Layer {
 public:
  explicit LSTMCell(int64_t units, LSTMCellOptions options = {});
  static std::shared_ptr<LayerBody> blank();
  /// With settings that nobody has checked: for the layers around cells.
  static std::shared_ptr<LayerBody> body(int64_t units, LSTMCellOptions options);
};

}  // namespace folio
