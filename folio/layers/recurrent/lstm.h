// Long short-term memory.
#pragma once
#include <optional>

#include "folio/layers/common/activation_choice.h"
#include "folio/layers/recurrent/rnn.h"

namespace folio {

struct LSTMOptions {
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
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint recurrent_constraint = {};
  Constraint bias_constraint = {};
  double dropout = 0;                 ///< of the inputs, the same elements at every step of a sequence
  double recurrent_dropout = 0;       ///< of the state h
  std::optional<int64_t> seed = {};   ///< not given: the model's seed
  bool return_sequences = false;      ///< the outputs of all steps: (batch, time, …)
  bool return_state = false;          ///< behind the output, the states after the last step
  bool go_backwards = false;          ///< from the last step to the first, outputs in the order they are made
  bool stateful = false;              ///< row i goes on from where row i of the batch before ended
  bool unroll = false;                ///< of no effect: Keras' way to the same numbers
  bool zero_output_for_mask = false;  ///< outputs of masked steps are zeros, not those of the step before
  std::string name = {};
  bool trainable = true;
};

/// Long short-term memory (Hochreiter 1997; lstm_cell.h has the formula).
/// x: (batch, time, features) -> (batch, units), or (batch, time, units) with `return_sequences`; with
/// `return_state` the states h and c behind it, (batch, units) each. (sheet G4)
class LSTM final : public RecurrentLayer {
 public:
  explicit LSTM(int64_t units, LSTMOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
