// How a weight starts, and what training does to it beside following its gradient.
#pragma once
#include <string>

#include "folio/base/json.h"
#include "folio/layers/weights/constraint.h"
#include "folio/layers/weights/initializer.h"
#include "folio/layers/weights/regularizer.h"

namespace folio {

struct WeightRules {
  Initializer initializer;
  Regularizer regularizer = {};
  Constraint constraint = {};
  /// Into Keras' config: "kernel_initializer", "kernel_regularizer" and "kernel_constraint" for role
  /// "kernel".
  void write(Json& config, const std::string& role) const;
};

}  // namespace folio
