#include "folio/layers/normalization/moments.h"

#include <fmt/format.h>

#include "folio/base/error.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"

namespace folio {

Value standardized(const Value& x, const std::vector<int>& axes, double epsilon) {
  const Value centred = x - mean(x, axes, true);
  return centred * rsqrt(mean(square(centred), axes, true) + epsilon);
}

void check_epsilon(const char* layer, double epsilon) {
  if (!(epsilon >= 0)) throw Error(fmt::format("{}: epsilon: expected at least 0, got {}", layer, epsilon));
}

}  // namespace folio
