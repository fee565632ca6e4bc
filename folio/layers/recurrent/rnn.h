// Cells along the time of sequences.
#pragma once
#include <initializer_list>
#include <vector>

#include "folio/layers/layer.h"

namespace folio {

struct RNNOptions {
  bool return_sequences = false;      ///< the outputs of all steps: (batch, time, …)
  bool return_state = false;          ///< behind the output, the states after the last step
  bool go_backwards = false;          ///< from the last step to the first, outputs in the order they are made
  bool stateful = false;              ///< row i goes on from where row i of the batch before ended
  bool unroll = false;                ///< of no effect: Keras' way to the same numbers
  bool zero_output_for_mask = false;  ///< outputs of masked steps are zeros, not those of the step before
  Regularizer activity_regularizer = {};
  std::string name = {};
  bool trainable = true;
};

/// What all recurrent layers can do.
class RecurrentLayer : public Layer {
 public:
  using Layer::Layer;
  /// The states that a stateful layer keeps: (batch, …) each; none before it knows the batch. They belong to
  /// no file, as in Keras.
  std::vector<Parameter> states() const;
  /// Sets them to zeros.
  void reset_state() const;
};

/// Takes a cell, or several on top of each other, through all steps. x: (batch, time, …) -> the last output,
/// or all of them. Where a mask is 0 states stay as they are, and outputs are those of the step before, at
/// first zeros. A call may give the states to begin with: `rnn(x, {.initial_state = {h, c}})`. Keras' RNN.
class RNN final : public RecurrentLayer {
 public:
  explicit RNN(const Layer& cell, RNNOptions options = {});
  explicit RNN(std::vector<Layer> cells, RNNOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

/// The states of all stateful layers in `layer`, which may be a model; and setting them to zeros.
std::vector<Parameter> states_in(const Layer& layer);
void reset_state(const Layer& layer);
/// For checkpoints: the states of each stateful layer, and setting them, also where there are none yet.
/// Throws `Error` when they are those of another model.
std::vector<std::vector<Tensor>> saved_states(const Layer& layer);
void restore_states(const Layer& layer, const std::vector<std::vector<Tensor>>& states);

}  // namespace folio
