#include "folio/layers/normalization/moments.h"

#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"

namespace folio {

Value standardized(const Value& x, const std::vector<int>& axes, double epsilon) {
  const Value centred = x - mean(x, axes, true);
  return centred * rsqrt(mean(square(centred), axes, true) + epsilon);
}

Value inverse_deviation(const Value& x, const std::vector<int>& axes, double epsilon) {
  return rsqrt(mean(square(x - mean(x, axes, true)), axes, true) + epsilon);
}

}  // namespace folio
