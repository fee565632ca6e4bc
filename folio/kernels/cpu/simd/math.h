// Exponentials, logarithms and their relatives on whole vectors. Each reduces its argument to a small
// interval and evaluates a polynomial (or a quotient of two) there whose coefficients minimise the largest
// relative error. Errors against the exact result, in units of the last place, are below: exponential and
// log 1.2, expm1, log1p, erf and softplus 2, sigmoid and tanh 3. NaN gives NaN. Results below the normal
// range lose digits gradually.
#pragma once
#include "folio/kernels/cpu/simd/arithmetic.h"

namespace {

// ln 2 in two parts. The first has so few digits that its product with an exponent is exact.
constexpr float kLn2High = 0x1.62ep-1f, kLn2Low = 0x1.0bfbe8p-15f;
// Adding this to |t| < 2^22 rounds t to a whole number, which then stands in the lowest bits of the sum.
constexpr float kRounder = 0x1.8p23f;

/// x = n ln 2 + r with |r| <= ln 2 / 2.
struct Reduced {
  Vector n;
  IntVector n_whole;
  Vector r;
  Vector r_error;  ///< what r misses
};

inline __attribute__((always_inline)) Reduced reduce_by_ln2(Vector x) {
  const Vector shifted = x * 0x1.715476p+0f + kRounder;  // times log2 e
  Reduced reduced;
  reduced.n = shifted - kRounder;
  reduced.n_whole = bits_of(shifted) - 0x4b400000;  // the bits of kRounder
  const Vector high = x - reduced.n * kLn2High, low = reduced.n * kLn2Low;
  reduced.r = high - low;
  reduced.r_error = (high - reduced.r) - low;
  return reduced;
}

/// 2^n for n in [-126, 127].
inline __attribute__((always_inline)) Vector power_of_two(IntVector n) { return from_bits((n + 127) << 23); }

/// v * 2^n for n in [-252, 254], rounded once.
inline __attribute__((always_inline)) Vector scale(Vector v, const Reduced& by) {
#if defined(__AVX512F__)
  return (Vector)_mm512_maskz_scalef_ps(0xffff, (__m512)v, (__m512)by.n);
#else
  const IntVector half = by.n_whole >> 1;
  return v * power_of_two(half) * power_of_two(by.n_whole - half);
#endif
}

/// e^x for x in [-104, 89].
inline __attribute__((always_inline)) Vector exponential_in_range(Vector x) {
  const Reduced reduced = reduce_by_ln2(x);
  const Vector r = reduced.r;
  Vector p = splat(0x1.6ac862p-10f);
  p = p * r + 0x1.123df2p-7f;
  p = p * r + 0x1.555858p-5f;
  p = p * r + 0x1.55548cp-3f;
  p = p * r + 0x1.fffffcp-2f;
  p = p * r + 1.0f;
  p = p * r + 1.0f;
  return scale(p, reduced);
}

/// e^x; infinite from 88.73 on, 0 below -103.98.
inline __attribute__((always_inline)) Vector exponential(Vector x) {
  return exponential_in_range(clamp(x, -104.0f, 89.0f));
}

/// e^r - 1 for |r| <= ln 2 / 2; `r_error` is what r misses.
inline __attribute__((always_inline)) Vector exponential_minus_one_near_zero(Vector r, Vector r_error) {
  Vector p = splat(0x1.9c5af2p-13f);
  p = p * r + 0x1.6d4c7ep-10f;
  p = p * r + 0x1.1113acp-7f;
  p = p * r + 0x1.5554eap-5f;
  p = p * r + 0x1.555554p-3f;
  p = p * r + 0.5f;
  return r + (r * r * p + r_error);
}

/// e^x - 1.
inline __attribute__((always_inline)) Vector exponential_minus_one(Vector x) {
  const Reduced reduced = reduce_by_ln2(clamp(x, -30.0f, 89.0f));
  const Vector near = exponential_minus_one_near_zero(reduced.r, reduced.r_error);
  // 2^n (e^r - 1) + 2^n - 1, at half its size because 2^128 is no float.
  const Vector half = power_of_two(reduced.n_whole - 1);
  const Vector far = (near * half + (half - 0.5f)) * 2.0f;
  const Vector result = choose(reduced.n_whole == 0, near, far);
  return choose(absolute(x) < 0x1p-26f, x, result);  // keeps -0 and tiny numbers as they are
}

/// log(1 + f) + e ln 2 for 1 + f in [sqrt(1/2), sqrt(2)].
inline __attribute__((always_inline)) Vector logarithm_near_one(Vector f, Vector e) {
  const Vector square = f * f;
  Vector p = splat(0x1.ac589ap-5f);
  p = p * f + -0x1.bee84ep-4f;
  p = p * f + 0x1.ef6afcp-4f;
  p = p * f + -0x1.008ff0p-3f;
  p = p * f + 0x1.2317e8p-3f;
  p = p * f + -0x1.55431ap-3f;
  p = p * f + 0x1.99a468p-3f;
  p = p * f + -0x1.00000ap-2f;
  p = p * f + 0x1.555548p-2f;
  Vector tail = p * (square * f);
  tail = e * kLn2Low + tail;
  tail = square * -0.5f + tail;
  return e * kLn2High + (f + tail);
}

/// The exponent e for which x / 2^e lies in [sqrt(1/2), sqrt(2)), of a positive normal x. Unsigned, for bits
/// of other x wrap around.
inline __attribute__((always_inline)) IntVector exponent_of(Vector x) {
  return (IntVector)((WordVector)x - 0x3f3504f3u) >> 23;  // the bits of sqrt(1/2)
}
inline __attribute__((always_inline)) Vector divide_by_power(Vector x, IntVector e) {
  return (Vector)((WordVector)x - ((WordVector)e << 23));
}

/// log x; -inf at 0, NaN below.
inline __attribute__((always_inline)) Vector logarithm(Vector x) {
  const IntVector small = x < 0x1p-126f;
  const Vector normal = choose(small, x * 0x1p23f, x);
  const IntVector e = exponent_of(normal);
  const Vector f = divide_by_power(normal, e) - 1.0f;
  Vector result = logarithm_near_one(f, to_float(e + (small & -23)));
  result = choose(x < kInfinity, result, x);  // infinity and NaN
  return choose(x > 0.0f, result, choose(x == 0.0f, splat(-kInfinity), splat(kNan)));
}

/// log(1 + x) for x in (-1, infinity).
inline __attribute__((always_inline)) Vector logarithm_one_plus_in_range(Vector x) {
  const Vector sum = x + 1.0f;
  const Vector lost =
      choose(x < 1.0f, x - (sum - 1.0f), 1.0f - (sum - x));  // what rounding took from the sum
  const IntVector e = exponent_of(sum),
                  e_of_lost = e > 126 ? IntVector{} + 126 : e;  // 2^-127 would need care
  const Vector f = (divide_by_power(sum, e) - 1.0f) + lost * power_of_two(-e_of_lost);
  return logarithm_near_one(f, to_float(e));
}

/// log(1 + x); -inf at -1, NaN below.
inline __attribute__((always_inline)) Vector logarithm_one_plus(Vector x) {
  Vector result = logarithm_one_plus_in_range(x);
  result = choose(x < kInfinity, result, x);
  result = choose(x > -1.0f, result, choose(x == -1.0f, splat(-kInfinity), splat(kNan)));
  return choose(absolute(x) < 0x1p-26f, x, result);
}

/// tanh x, from d = e^(-2|x|) - 1 as -d / (d + 2); exactly 1 or -1 beyond 9.02.
inline __attribute__((always_inline)) Vector hyperbolic_tangent(Vector x) {
  const Reduced reduced = reduce_by_ln2(greater_of(splat(-30.0f), absolute(x) * -2.0f));
  const Vector near = exponential_minus_one_near_zero(reduced.r, reduced.r_error);
  const Vector power = power_of_two(reduced.n_whole), d = near * power + (power - 1.0f);
  return from_bits(bits_of(absolute(d / (d + 2.0f))) | signs_of(x));
}

/// 1 / (1 + e^-x). From below it goes to 0 through the whole range of floats, from above it becomes
/// exactly 1.
inline __attribute__((always_inline)) Vector sigmoid(Vector x) {
  // The exponential of -|x| cannot overflow; for negative x the fraction is multiplied by e^x.
  const Vector z = exponential_in_range(greater_of(splat(-104.0f), from_bits(bits_of(x) | kSignBit)));
  return choose(x < 0.0f, z, splat(1.0f)) / (z + 1.0f);
}

/// log(1 + e^x), as max(x, 0) + log(1 + e^-|x|).
inline __attribute__((always_inline)) Vector softplus(Vector x) {
  const Vector z = exponential_in_range(greater_of(splat(-104.0f), from_bits(bits_of(x) | kSignBit)));
  return greater_of(splat(0.0f), x) + logarithm_one_plus_in_range(z);
}

/// The error function; exactly 1 or -1 beyond 3.93.
inline __attribute__((always_inline)) Vector error_function(Vector x) {
  const Vector t = x * x;
  Vector p = splat(0x1.4fa938p-14f);
  p = p * t + -0x1.a61812p-11f;
  p = p * t + 0x1.544b08p-8f;
  p = p * t + -0x1.b80124p-6f;
  p = p * t + 0x1.ce2d64p-4f;
  p = p * t + -0x1.812740p-2f;
  p = p * t + 0x1.06eba8p-3f;
  const Vector near = x * p + x;
  // Far from 0 as 1 - e^q, where q, the logarithm of what is missing to 1, is nearly a parabola.
  const Vector u = lesser(splat(3.95f), absolute(x));
  Vector q = splat(0x1.9fba02p-13f);
  q = q * u + -0x1.91d008p-9f;
  q = q * u + 0x1.6d9dd2p-6f;
  q = q * u + -0x1.aa7368p-4f;
  q = q * u + -0x1.4621b6p-1f;
  q = q * u + -0x1.20b752p+0f;
  q = q * u + -0x1.5d176p-13f;
  const Vector far = 1.0f - exponential_in_range(q);
  return choose(absolute(x) < 0.92f, near, from_bits(bits_of(far) | signs_of(x)));
}

}  // namespace
