// Small operations on vectors that need an instruction of their own, or bits: minimum, maximum, square root,
// rounding. Some 512-bit intrinsics are used in their masked form with a full mask: it is the same
// instruction, but the plain form makes GCC 12 warn of a variable in its own header.
#pragma once
#include "folio/kernels/cpu/simd/vector.h"

namespace {

constexpr float kInfinity = __builtin_inff();
constexpr float kNan = __builtin_nanf("");
constexpr int32_t kSignBit = -0x7fffffff - 1;

/// x in every lane, exactly: unlike 0 + x it keeps the sign of -0.
inline __attribute__((always_inline)) Vector repeat(float x) { return x - Vector{}; }

inline __attribute__((always_inline)) IntVector bits_of(Vector v) { return (IntVector)v; }
inline __attribute__((always_inline)) Vector from_bits(IntVector v) { return (Vector)v; }
inline __attribute__((always_inline)) IntVector signs_of(Vector v) { return bits_of(v) & kSignBit; }
inline __attribute__((always_inline)) Vector absolute(Vector v) { return from_bits(bits_of(v) & 0x7fffffff); }
/// `v` with the sign bits of `sign_bits` flipped in.
inline __attribute__((always_inline)) Vector flip_signs(Vector v, IntVector sign_bits) {
  return from_bits(bits_of(v) ^ sign_bits);
}

/// Whole numbers to floats and back; to_whole cuts the fraction off.
inline __attribute__((always_inline)) Vector to_float(IntVector v) {
  return __builtin_convertvector(v, Vector);
}
inline __attribute__((always_inline)) IntVector to_whole(Vector v) {
  return __builtin_convertvector(v, IntVector);
}

/// a < b ? a : b and a > b ? a : b, so that b is the result when either is NaN.
inline __attribute__((always_inline)) Vector lesser(Vector a, Vector b) {
#if defined(__AVX512F__)
  return (Vector)_mm512_maskz_min_ps(0xffff, (__m512)a, (__m512)b);
#elif defined(__AVX2__)
  return (Vector)_mm256_min_ps((__m256)a, (__m256)b);
#else
  return (Vector)_mm_min_ps((__m128)a, (__m128)b);
#endif
}
inline __attribute__((always_inline)) Vector greater_of(Vector a, Vector b) {
#if defined(__AVX512F__)
  return (Vector)_mm512_maskz_max_ps(0xffff, (__m512)a, (__m512)b);
#elif defined(__AVX2__)
  return (Vector)_mm256_max_ps((__m256)a, (__m256)b);
#else
  return (Vector)_mm_max_ps((__m128)a, (__m128)b);
#endif
}
/// x moved into [low, high]; NaN stays NaN.
inline __attribute__((always_inline)) Vector clamp(Vector x, float low, float high) {
  return lesser(splat(high), greater_of(splat(low), x));
}

/// As NumPy's: NaN when either is NaN.
inline __attribute__((always_inline)) Vector maximum(Vector a, Vector b) {
  return choose(a == a, greater_of(a, b), a);
}
inline __attribute__((always_inline)) Vector minimum(Vector a, Vector b) {
  return choose(a == a, lesser(a, b), a);
}

/// a * b + c, rounded once where the processor can. Most code writes a * b + c, which the compiler fuses as
/// well; this is for steps whose exactness depends on it.
inline __attribute__((always_inline)) Vector fused(Vector a, Vector b, Vector c) {
#if defined(__AVX512F__)
  return (Vector)_mm512_fmadd_ps((__m512)a, (__m512)b, (__m512)c);
#elif defined(__FMA__)
  return (Vector)_mm256_fmadd_ps((__m256)a, (__m256)b, (__m256)c);
#else
  return a * b + c;
#endif
}

/// Whether a lane of the mask is set.
inline __attribute__((always_inline)) bool any(IntVector mask) {
#if defined(__AVX512F__)
  return _mm512_test_epi32_mask((__m512i)mask, (__m512i)mask) != 0;
#elif defined(__AVX2__)
  return _mm256_movemask_ps((__m256)mask) != 0;
#else
  return _mm_movemask_ps((__m128)mask) != 0;
#endif
}

inline __attribute__((always_inline)) Vector square_root(Vector v) {
#if defined(__AVX512F__)
  return (Vector)_mm512_maskz_sqrt_ps(0xffff, (__m512)v);
#elif defined(__AVX2__)
  return (Vector)_mm256_sqrt_ps((__m256)v);
#else
  return (Vector)_mm_sqrt_ps((__m128)v);
#endif
}

/// The nearest whole number, the even one of two as near.
inline __attribute__((always_inline)) Vector round_to_even(Vector v) {
#if defined(__AVX512F__)
  return (Vector)_mm512_maskz_roundscale_ps(0xffff, (__m512)v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#elif defined(__AVX2__)
  return (Vector)_mm256_round_ps((__m256)v, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#else
  // Floats from 2^23 on are whole; below, adding 2^23 pushes the fraction out and rounds it.
  const Vector size = absolute(v), rounded = (size + 0x1p23f) - 0x1p23f;
  return choose(size < 0x1p23f, flip_signs(rounded, signs_of(v)), v);
#endif
}

inline __attribute__((always_inline)) Vector round_down(Vector v) {
#if defined(__AVX512F__)
  return (Vector)_mm512_maskz_roundscale_ps(0xffff, (__m512)v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
#elif defined(__AVX2__)
  return (Vector)_mm256_round_ps((__m256)v, _MM_FROUND_TO_NEG_INF | _MM_FROUND_NO_EXC);
#else
  const Vector cut = to_float(to_whole(v)), down = choose(cut > v, cut - 1.0f, cut);
  return choose(absolute(v) < 0x1p23f, from_bits(bits_of(down) | signs_of(v)), v);
#endif
}

/// Lane numbers 0, 1, 2, …
inline __attribute__((always_inline)) IntVector lane_numbers() {
  IntVector numbers{};
  for (int i = 0; i < static_cast<int>(kWidth); ++i) numbers[i] = i;
  return numbers;
}
/// The first n < kWidth floats; the rest are `filler`.
inline __attribute__((always_inline)) Vector load_some_or(const float* p, int64_t n, float filler) {
  return choose(lane_numbers() < static_cast<int32_t>(n), load_some(p, n), splat(filler));
}

}  // namespace
