// a^b on vectors. Both the logarithm and the exponential are taken in double precision, half a vector at a
// time: an error of the logarithm is multiplied by b, so that single precision would not do.
#pragma once
#include "folio/kernels/cpu/simd/arithmetic.h"

namespace {

typedef double DoubleVector __attribute__((vector_size(kWidth * 4)));
typedef uint64_t LongVector __attribute__((vector_size(kWidth * 4)));
typedef float HalfVector __attribute__((vector_size(kWidth * 2)));

/// log2 a for a >= 0, within 2^-38 of its size.
inline __attribute__((always_inline)) DoubleVector logarithm_base_2(DoubleVector a) {
  constexpr uint64_t kSqrtHalf = 0x3fe6a09e667f3bcd, kOne = 0x3ff0000000000000;
  const LongVector bits = (LongVector)a, shifted = bits - kSqrtHalf + kOne;
  const LongVector mantissa = (shifted & 0x000fffffffffffff) + kSqrtHalf;  // in [sqrt(1/2), sqrt(2))
  // The biased exponent as the low bits of a double in [2^52, 2^53), which subtraction turns into a number.
  const DoubleVector e = (DoubleVector)(shifted >> 52 | 0x4330000000000000) - (0x1p52 + 1023);
  const DoubleVector m = (DoubleVector)mantissa, s = (m - 1.0) / (m + 1.0), t = s * s;
  // log m = 2 (s + s^3 / 3 + s^5 / 5 + …), |s| < 0.172.
  DoubleVector p = t * (1.0 / 15) + 1.0 / 13;
  p = p * t + 1.0 / 11;
  p = p * t + 1.0 / 9;
  p = p * t + 1.0 / 7;
  p = p * t + 1.0 / 5;
  p = p * t + 1.0 / 3;
  p = p * t + 1.0;
  const DoubleVector result = e + s * p * (2 * 1.4426950408889634);
  const DoubleVector infinity = DoubleVector{} + __builtin_inf();
  return a == 0.0 ? -infinity : (a < infinity ? result : a);
}

/// 2^y for |y| <= 200.
inline __attribute__((always_inline)) DoubleVector exponential_base_2(DoubleVector y) {
  constexpr double kRounder52 = 0x1.8p52;
  const DoubleVector shifted = y + kRounder52, r = (y - (shifted - kRounder52)) * 0.6931471805599453;
  DoubleVector p = r * (1.0 / 362880) + 1.0 / 40320;  // the series of e^r, |r| < 0.347
  p = p * r + 1.0 / 5040;
  p = p * r + 1.0 / 720;
  p = p * r + 1.0 / 120;
  p = p * r + 1.0 / 24;
  p = p * r + 1.0 / 6;
  p = p * r + 0.5;
  p = p * r + 1.0;
  p = p * r + 1.0;
  return (DoubleVector)((LongVector)p + ((LongVector)shifted << 52));
}

inline __attribute__((always_inline)) HalfVector power_of_half(HalfVector a, HalfVector b) {
  DoubleVector y =
      __builtin_convertvector(b, DoubleVector) * logarithm_base_2(__builtin_convertvector(a, DoubleVector));
  const DoubleVector limit = DoubleVector{} + 200.0;
  y = y > limit ? limit : y;
  y = y < -limit ? -limit : y;
  const DoubleVector result = exponential_base_2(y);
  return __builtin_convertvector(y == y ? result : y, HalfVector);
}

/// As pow of C.
inline Vector power(Vector a, Vector b) {
  const Vector size = absolute(a);
  HalfVector bases[2], exponents[2], results[2];
  __builtin_memcpy(bases, &size, sizeof size);
  __builtin_memcpy(exponents, &b, sizeof b);
  for (int i = 0; i < 2; ++i) results[i] = power_of_half(bases[i], exponents[i]);
  Vector result;
  __builtin_memcpy(&result, results, sizeof result);

  // Floats from 2^23 on are whole, from 2^24 on even.
  const Vector b_size = absolute(b);
  const IntVector cut = to_whole(b);
  const IntVector whole = (to_float(cut) == b) | (b_size >= 0x1p23f);
  const IntVector odd = whole & ((cut & 1) != 0) & (b_size < 0x1p24f);
  result = flip_signs(result, odd & signs_of(a));
  result = choose((a < 0.0f) & (a > -kInfinity) & ~whole, splat(kNan), result);
  const IntVector one = (a == 1.0f) | (b == 0.0f) | ((a == -1.0f) & (b_size == kInfinity));
  return choose(one, splat(1.0f), result);
}

}  // namespace
