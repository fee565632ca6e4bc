// The cell of GRU.
#pragma once
#include <optional>

#include "folio/layers/common/activation_choice.h"
#include "folio/layers/recurrent/cell.h"

namespace folio {

struct GRUCellOptions {
  ActivationChoice activation = "tanh";
  ActivationChoice recurrent_activation = "sigmoid";  ///< of the gates
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
  bool reset_after = true;           ///< the reset gate acts behind the product, which has a bias of its own
  std::optional<int64_t> seed = {};  ///< not given: the model's seed
  std::string name = {};
  bool trainable = true;
};

/// Gated recurrent unit (Cho 2014), gates in Keras' order z, r, h:
/// h' = z * h + (1 - z) * activation(x_h + r * (h · R_h + b_h)), or with r * h before the product.
/// x: (batch, features), h: (batch, units). The bias has two rows with `reset_after`: for the input and for
/// the state. (sheet G4)
class GRUCell final : public Layer {
 public:
  explicit GRUCell(int64_t units, GRUCellOptions options = {});
  static std::shared_ptr<LayerBody> blank();
  /// With settings that nobody has checked: for the layers around cells.
  static std::shared_ptr<LayerBody> body(int64_t units, GRUCellOptions options);
};

}  // namespace folio
