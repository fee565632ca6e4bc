// One step of a recurrence as a graph of its own.
#pragma once
#include <string>

#include "folio/graph/rewrite.h"

namespace folio {

/// A sum over all steps and all rows of the batch: `op` makes a sum over rows of one step's operands, as the
/// gradients of matrices and biases are.
struct RowSum {
  std::shared_ptr<const Op> op;
  Values operands;

  /// Of one step.
  TensorType type() const;
};

/// What a step computes. Its inputs stand in this order: the states, one step of each sequence, and shared
/// values, which are the same at every step. Apart from these it holds constants of one element only.
struct ScanBody {
  Values states, slices, shared;
  Values new_states, outputs;
  std::vector<RowSum> sums;

  Values inputs() const;
  /// New states, outputs and the operands of sums.
  Values results() const;
  /// Lets the step read other values in place of some; what its results share stays shared.
  void replace(const ValueMap& replacements);
  /// The ops in order with their attributes and arguments: equal for bodies that compute the same.
  std::string text() const;
};

/// A body, and the values outside that it shares.
struct ClosedBody {
  ScanBody body;
  Values shared;
};
/// Makes a body of `open`, which may use any values: those that do not depend on states and slices become
/// shared ones.
ClosedBody close_body(ScanBody open);

}  // namespace folio
