// A recurrent cell: what `RNN` takes along the time of sequences. One's own is a class with a `step`:
//
//   class MovingMeanBody final : public CellBody {
//    public:
//     std::string class_name() const override { return "MovingMean"; }
//     std::vector<Shape> state_shapes(const Shape& input) const override { return {input.from(1)}; }
//     CellStep step(const Value& x, const Values& states) override {
//       const Value mean = 0.9 * states[0] + 0.1 * x;
//       return {mean, {mean}};
//     }
//   };
//   const Value y = RNN(Layer(make_body<MovingMeanBody>("", true)))(x);
#pragma once
#include <functional>

#include "folio/layers/layer.h"

namespace folio {

/// What one step gives: (batch, …) each.
struct CellStep {
  Value output;
  Values states;
};

/// A call of a cell, ready for its steps.
struct CellSteps {
  /// What the steps read of an input, of one step (batch, …) or of all at once (batch, time, …).
  std::function<Values(const Value& input)> inputs;
  std::function<CellStep(const Values& inputs, const Values& states)> step;
};

class CellBody : public LayerBody {
 public:
  /// The shapes of an example's states, the output first where it is one; `input`: (batch, …), of one step.
  virtual std::vector<Shape> state_shapes(const Shape& input) const = 0;
  /// The shape of an example's output; by default the first state's.
  virtual Shape output_shape(const Shape& input) const { return state_shapes(input)[0]; }
  /// One step; x: (batch, …). May be traced any number of times.
  virtual CellStep step(const Value& x, const Values& states);
  /// For cells that draw random numbers, or do what they can for all steps at once; by default `step`.
  virtual CellSteps begin(const LayerCall& call, Effects& effects);

  /// A single step: the input and, as further inputs or the argument "states", the states before it, at first
  /// zeros -> output, states.
  Values call(const LayerCall& call, Effects& effects) final;
  CallArgumentList arguments() const final;
};

/// The cell in a layer; throws `Error` when it is none.
CellBody& cell_in(const Layer& layer);
/// States to begin with; `input`: (batch, …), of one step.
Values zero_states(const CellBody& cell, const Shape& input);

}  // namespace folio
