// How far random layers of pictures go.
#pragma once
#include <optional>

#include "folio/base/fields.h"

namespace folio {

/// From a lower to an upper number; one number alone means both ways.
struct RandomFactor {
  double lower = 0, upper = 0;
  bool single = true;  ///< written as one number
  RandomFactor(double factor = 0) : lower(factor < 0 ? factor : -factor), upper(-lower) {}  // NOLINT
  RandomFactor(double lower, double upper)
      : lower(lower < upper ? lower : upper), upper(lower < upper ? upper : lower), single(false) {}
};
void read_value(const Json& json, RandomFactor& factor, const FieldRules& rules);
void write_value(Json& json, const RandomFactor& factor, const FieldRules& rules);
void check_value(RandomFactor& factor, const FieldRules& rules);

}  // namespace folio
