#include "folio/base/random.h"

#include <cmath>
#include <numbers>

namespace folio {

double RandomStream::normal(uint32_t row, uint32_t feature) const {
  const double u = (word(row, 2 * feature) + 0.5) * 0x1p-32, v = word(row, 2 * feature + 1) * 0x1p-32;
  return std::sqrt(-2 * std::log(u)) * std::cos(2 * std::numbers::pi * v);
}

}  // namespace folio
