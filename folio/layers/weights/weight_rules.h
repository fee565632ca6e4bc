// How a weight starts, and what training does to it beside following its gradient.
#pragma once
#include "folio/layers/weights/constraint.h"
#include "folio/layers/weights/initializer.h"
#include "folio/layers/weights/regularizer.h"

namespace folio {

struct WeightRules {
  Initializer initializer;
  Regularizer regularizer = {};
  Constraint constraint = {};
};

}  // namespace folio
