// Arithmetic on sizes that cannot overflow silently.
#pragma once
#include <cstdint>

#include "folio/base/error.h"

namespace folio {

/// a * b for non-negative sizes; throws `Error` when the product does not fit.
inline int64_t checked_multiply(int64_t a, int64_t b) {
  int64_t result;
  if (a < 0 || b < 0 || __builtin_mul_overflow(a, b, &result))
    throw Error("expected sizes that can be counted, got one that is negative or beyond 2^63");
  return result;
}

/// a + b for non-negative sizes; throws `Error` when the sum does not fit.
inline int64_t checked_add(int64_t a, int64_t b) {
  int64_t result;
  if (a < 0 || b < 0 || __builtin_add_overflow(a, b, &result))
    throw Error("expected sizes that can be counted, got one that is negative or beyond 2^63");
  return result;
}

/// The least multiple of `step` that is at least `value`.
inline int64_t round_up(int64_t value, int64_t step) { return (value + step - 1) / step * step; }

/// value / step, rounded up.
inline int64_t divide_up(int64_t value, int64_t step) { return (value + step - 1) / step; }

}  // namespace folio
