// A vector register of floats, as wide as the instruction set that this file is compiled for.
// Everything under simd/ is compiled once per instruction set inside an unnamed namespace and includes no
// header that defines inline functions with external linkage: such a function, compiled for AVX-512, could be
// linked into the baseline code. So no <algorithm>, no <cmath>, no <vector> here.
#pragma once
#include <immintrin.h>
#include <stdint.h>

namespace {

#if defined(__AVX512F__)
constexpr int64_t kWidth = 16;
#elif defined(__AVX2__)
constexpr int64_t kWidth = 8;
#else
constexpr int64_t kWidth = 4;
#endif

typedef float Vector __attribute__((vector_size(kWidth * 4)));
typedef float UnalignedVector __attribute__((vector_size(kWidth * 4), aligned(4)));
typedef int32_t IntVector __attribute__((vector_size(kWidth * 4)));
typedef uint32_t WordVector __attribute__((vector_size(kWidth * 4)));

inline __attribute__((always_inline)) Vector load(const float* p) {
  return *reinterpret_cast<const UnalignedVector*>(p);
}
inline __attribute__((always_inline)) void store(float* p, Vector v) {
  *reinterpret_cast<UnalignedVector*>(p) = v;
}
inline __attribute__((always_inline)) Vector splat(float x) { return x - Vector{}; }

#if defined(__AVX2__) && !defined(__AVX512F__)
/// All ones in the first n lanes.
inline __m256i first_lanes(int64_t n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)),
                            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
#endif

/// The first n < kWidth floats; the rest are 0.
inline Vector load_some(const float* p, int64_t n) {
#if defined(__AVX512F__)
  return (Vector)_mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1), p);
#elif defined(__AVX2__)
  return (Vector)_mm256_maskload_ps(p, first_lanes(n));
#else
  Vector v{};
  for (int64_t i = 0; i < n; ++i) v[i] = p[i];
  return v;
#endif
}
/// Writes the first n < kWidth floats only.
inline void store_some(float* p, Vector v, int64_t n) {
#if defined(__AVX512F__)
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1), (__m512)v);
#elif defined(__AVX2__)
  _mm256_maskstore_ps(p, first_lanes(n), (__m256)v);
#else
  for (int64_t i = 0; i < n; ++i) p[i] = v[i];
#endif
}

/// Lane by lane choice: where the mask is all ones a, where it is 0 b.
inline __attribute__((always_inline)) Vector choose(IntVector mask, Vector a, Vector b) {
  return mask ? a : b;
}

inline float horizontal_sum(Vector v) {
  float sum[kWidth];
  store(sum, v);
  for (int64_t half = kWidth / 2; half > 0; half /= 2)
    for (int64_t i = 0; i < half; ++i) sum[i] += sum[i + half];
  return sum[0];
}

}  // namespace
