// Sine and cosine of vectors, within 2 units of the last place.
#pragma once
#include "folio/kernels/cpu/simd/arithmetic.h"

namespace {

/// x = quadrant * pi/2 + r with |r| <= pi/4, up to whole turns.
struct Angle {
  IntVector quadrant;
  Vector r;
};

/// The same for one number of any size: multiplies by as many digits of 2/pi as matter, in whole numbers.
inline void reduce_far_angle(float x, int32_t* quadrant, float* r) {
  constexpr uint32_t kTwoOverPi[] = {0xA2F9836E, 0x4E441529, 0xFC2757D1, 0xF534DDC0,
                                     0xDB629599, 0x3C439041, 0xFE5163AB, 0xDEBBC561};
  uint32_t bits;
  __builtin_memcpy(&bits, &x, sizeof bits);
  const int32_t exponent = static_cast<int32_t>(bits >> 23 & 255) - 150;  // |x| = mantissa * 2^exponent
  if (exponent == 105) {                                                  // infinite or NaN
    *quadrant = 0;
    *r = x - x;
    return;
  }
  const uint32_t mantissa = (bits & 0x7fffff) | 0x800000;
  // Digits of 2/pi of weight 2^(2 - exponent) and more only add whole turns. Take the 96 digits after them.
  const int32_t first = exponent - 2;
  using Long = unsigned __int128;
  Long window = 0;
  for (int32_t i = 0; i < 96; ++i) {
    const int32_t digit = first + i;
    window = window << 1 | (digit < 0 ? 0 : kTwoOverPi[digit / 32] >> (31 - digit % 32) & 1);
  }
  // The low 96 bits of the product are the fraction of a turn; the two highest of them, rounded, count
  // quadrants.
  const Long turn = (mantissa * window) << 32;
  const Long rounded = turn + (Long{1} << 125);
  const int32_t count = static_cast<int32_t>(rounded >> 126);
  const __int128 rest = static_cast<__int128>(turn - (Long{static_cast<uint32_t>(count)} << 126));
  const double angle = static_cast<double>(rest) * (0x1.921fb54442d18p+0 * 0x1p-126);
  *quadrant = x < 0 ? -count : count;
  *r = static_cast<float>(x < 0 ? -angle : angle);
}

inline __attribute__((noinline)) Angle reduce_far_angles(Vector x) {
  Angle angle{};
  for (int64_t i = 0; i < kWidth; ++i) {
    int32_t quadrant;
    float r;
    if (x[i] >= -1.0f && x[i] <= 1.0f) {  // small lanes need no digits: sine and cosine take them as they are
      quadrant = x[i] > 0.785398f ? 1 : x[i] < -0.785398f ? -1 : 0;
      r = static_cast<float>(x[i] - quadrant * 0x1.921fb54442d18p+0);
    } else {
      reduce_far_angle(x[i], &quadrant, &r);
    }
    angle.quadrant[i] = quadrant;
    angle.r[i] = r;
  }
  return angle;
}

inline __attribute__((always_inline)) Angle reduce_angle(Vector x) {
  const IntVector near = absolute(x) <= 1e4f;
  if (any(~near)) return reduce_far_angles(x);
  constexpr float kRoundingTerm = 0x1.8p23f;  // adding it leaves the nearest whole number in the lowest bits
  const Vector shifted = fused(x, splat(0x1.45f306p-1f), splat(kRoundingTerm));
  const Vector n = -(shifted - kRoundingTerm);
  Angle angle;
  angle.quadrant = bits_of(shifted);
#if defined(__FMA__) || defined(__AVX512F__)
  angle.r = fused(n, splat(0x1.921fb6p+0f), x);
  angle.r = fused(n, splat(-0x1.777a5cp-25f), angle.r);
  angle.r = fused(n, splat(-0x1.ee59dap-50f), angle.r);
#else
  // Products of n, which has 13 bits, with parts of pi/2 of 11 bits are exact, and so are the first two sums.
  // What the third loses is added at the end.
  const Vector head = (x + n * 0x1.92p+0f) + n * 0x1.fb4p-12f, third = n * 0x1.444p-24f, sum = head + third;
  angle.r = sum + (((head - sum) + third) + (n * 0x1.68cp-39f + n * 0x1.1a6264p-54f));
#endif
  return angle;
}

/// sin(angle + shift * pi/2).
inline __attribute__((always_inline)) Vector sine_of(const Angle& angle, int32_t shift) {
  const Vector t = angle.r * angle.r;
  Vector s = splat(0x1.7c2da0p-19f);
  s = s * t + -0x1.a05956p-13f;
  s = s * t + 0x1.111174p-7f;
  s = s * t + -0x1.555556p-3f;
  const Vector sine = angle.r * t * s + angle.r;
  Vector c = splat(0x1.99e80cp-16f);
  c = c * t + -0x1.6c0c28p-10f;
  c = c * t + 0x1.55554ap-5f;
  const Vector cosine = t * t * c + (t * -0.5f + 1.0f);
  const IntVector quadrant = angle.quadrant + shift;
  return flip_signs(choose((quadrant & 1) == 0, sine, cosine), (quadrant & 2) << 30);
}

inline __attribute__((always_inline)) Vector sine(Vector x) {
  return choose(absolute(x) < 0x1p-13f, x, sine_of(reduce_angle(x), 0));
}
inline __attribute__((always_inline)) Vector cosine(Vector x) { return sine_of(reduce_angle(x), 1); }

}  // namespace
