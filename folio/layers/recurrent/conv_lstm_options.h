// The options of long short-term memories of pictures, the same for sequences of rows and of pictures.
#pragma once
#include <optional>
#include <string>

#include "folio/layers/common/activation_choice.h"
#include "folio/layers/common/data_format.h"
#include "folio/layers/common/sizes.h"
#include "folio/layers/weights/weight_rules.h"

namespace folio {

struct ConvLSTMOptions {
  Sizes strides = 1;              ///< of the inputs' convolution; that of the states has none
  std::string padding = "valid";  ///< or "same"; that of the states is always "same"
  DataFormat data_format = {};
  Sizes dilation_rate = 1;  ///< of the inputs' convolution
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
  double dropout = 0;                ///< of the inputs, the same elements at every step, for each gate others
  double recurrent_dropout = 0;      ///< of the state h, likewise
  std::optional<int64_t> seed = {};  ///< not given: the model's seed
  bool return_sequences = false;     ///< the outputs of all steps: (batch, time, …)
  bool return_state = false;         ///< behind the output, the states after the last step
  bool go_backwards = false;         ///< from the last step to the first, outputs in the order they are made
  bool stateful = false;             ///< row i goes on from where row i of the batch before ended
  bool unroll = false;               ///< of no effect: Keras' way to the same numbers
  bool zero_output_for_mask = false;  ///< outputs of masked steps are zeros, not those of the step before
  std::string name = {};
  bool trainable = true;
};

}  // namespace folio
