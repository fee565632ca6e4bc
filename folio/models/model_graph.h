// A model as a graph of ops: traced for batches of known shapes, with what is made small and what a training
// step changes.
#pragma once
#include "folio/models/model.h"

namespace folio {

/// What goes into a traced model: the rows of a batch in the types and shapes that the model takes.
struct ModelInputs {
  Values inputs, targets;  ///< no targets for predictions
  Value weights = {};      ///< of samples; undefined where all count the same
};

struct ModelGraph {
  Values predicted, masks;  ///< of each output; masks may be undefined
  Values losses;            ///< of each output; undefined where there is none
  Value total;              ///< what training makes small: the losses with their shares, and all penalties
  std::vector<Update> updates;  ///< of state, that layers declare: moving statistics, counters
};

/// Traces every layer's call. Without targets there are no losses. Throws `Error` naming the layer or loss
/// that something does not fit.
ModelGraph trace_model(const ModelBody& model, Purpose purpose, const ModelInputs& in);

/// What a step of the model's optimizer does.
struct TrainingStep {
  std::vector<Parameter> trained;
  Values gradients;             ///< of the total by the trained weights, then by `others`
  std::vector<Update> updates;  ///< weights, held to their constraints, and the optimizer's own state
};
/// `others`: further values of which gradients are wanted.
TrainingStep training_step(const ModelBody& model, const ModelGraph& graph, const Values& others = {});

}  // namespace folio
