// Maximum and average pooling. A group of 16 images in the lanes layout is one image with 16 times the
// channels, so one set of loops serves both layouts. Gradients are gathered: every cell of dx adds up what
// the windows over it send, in ascending order of the windows, so each is written once and no order is left
// to chance.
#pragma once
#include "folio/kernels/cpu/functions.h"
#include "folio/kernels/cpu/simd/arithmetic.h"

namespace {

using folio::cpu::Pooling;

/// A range [first, last) of places.
struct Range {
  int64_t first, last;
};

/// The part of window `i` that lies inside the picture, as places within the window.
inline Range inside(int64_t i, int64_t stride, int64_t pad, int64_t size, int64_t extent) {
  const int64_t start = i * stride - pad;
  const int64_t first = start < 0 ? -start : 0, last = start + size > extent ? extent - start : size;
  return {first, last > first ? last : first};
}

/// The windows that cover place `at` of the picture.
inline Range covering(int64_t at, int64_t stride, int64_t pad, int64_t size, int64_t windows) {
  const int64_t reach = at + pad;
  const int64_t first = reach < size ? 0 : (reach - size) / stride + 1;
  const int64_t last = reach / stride + 1 < windows ? reach / stride + 1 : windows;
  return {first, last > first ? last : first};
}

/// kWidth bytes <-> whole numbers.
inline __attribute__((always_inline)) IntVector load_bytes(const uint8_t* p) {
#if defined(__AVX512F__)
  return (IntVector)_mm512_maskz_cvtepu8_epi32(0xffff, _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
#elif defined(__AVX2__)
  return (IntVector)_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
#else
  int32_t four;
  __builtin_memcpy(&four, p, sizeof four);
  const __m128i zero = _mm_setzero_si128();
  return (IntVector)_mm_unpacklo_epi16(_mm_unpacklo_epi8(_mm_cvtsi32_si128(four), zero), zero);
#endif
}
inline __attribute__((always_inline)) void store_bytes(uint8_t* p, IntVector v) {
#if defined(__AVX512F__)
  _mm_storeu_si128(reinterpret_cast<__m128i*>(p), _mm512_maskz_cvtepi32_epi8(0xffff, (__m512i)v));
#else
#if defined(__AVX2__)
  const __m128i low = _mm256_castsi256_si128((__m256i)v), high = _mm256_extracti128_si256((__m256i)v, 1);
#else
  const __m128i low = (__m128i)v, high = low;
#endif
  const __m128i words = _mm_packs_epi32(low, high), bytes = _mm_packus_epi16(words, words);
  __builtin_memcpy(p, &bytes, kWidth);
#endif
}
inline IntVector load_some_bytes(const uint8_t* p, int64_t n) {
  uint8_t bytes[kWidth] = {};
  for (int64_t i = 0; i < n; ++i) bytes[i] = p[i];
  return load_bytes(bytes);
}
inline void store_some_bytes(uint8_t* p, IntVector v, int64_t n) {
  uint8_t bytes[kWidth];
  store_bytes(bytes, v);
  for (int64_t i = 0; i < n; ++i) p[i] = bytes[i];
}

/// Calls body(first, n) for n channels at a time: n is the constant kWidth as long as that fits, so that the
/// compiler drops what body does for fewer, and then what is left.
template <class Body>
inline __attribute__((always_inline)) void for_channels(int64_t channels, Body body) {
  int64_t c = 0;
  for (; c + kWidth <= channels; c += kWidth) body(c, kWidth);
  if (c < channels) body(c, channels - c);
}
inline __attribute__((always_inline)) Vector load_part(const float* p, int64_t n) {
  return n == kWidth ? load(p) : load_some(p, n);
}
inline __attribute__((always_inline)) void store_part(float* p, Vector v, int64_t n) {
  if (n == kWidth) {
    store(p, v);
  } else {
    store_some(p, v, n);
  }
}
inline __attribute__((always_inline)) IntVector load_part_bytes(const uint8_t* p, int64_t n) {
  return n == kWidth ? load_bytes(p) : load_some_bytes(p, n);
}
inline __attribute__((always_inline)) void store_part_bytes(uint8_t* p, IntVector v, int64_t n) {
  if (n == kWidth) {
    store_bytes(p, v);
  } else {
    store_some_bytes(p, v, n);
  }
}

/// Whether `next` takes the place of `best` as the maximum: it is larger or the first NaN.
inline __attribute__((always_inline)) IntVector beats(Vector next, Vector best) {
  return ~(next <= best) & (best == best);
}

/// Whether the windows are 2 x 2, side by side and all inside the picture.
inline bool is_halving(const Pooling& p) {
  return p.size_h == 2 && p.size_w == 2 && p.stride_h == 2 && p.stride_w == 2 && p.pad_top == 0 &&
         p.pad_left == 0 && 2 * p.oh <= p.h && 2 * p.ow <= p.w;
}

/// One image; kArgmax: whether places are wanted.
template <bool kArgmax>
void max_pool_image(const Pooling& p, int64_t channels, const float* x, float* y, uint8_t* argmax) {
  const bool halving = is_halving(p);
  for (int64_t i = 0; i < p.oh; ++i) {
    const Range rows = inside(i, p.stride_h, p.pad_top, p.size_h, p.h);
    for (int64_t j = 0; j < p.ow; ++j) {
      const Range columns = inside(j, p.stride_w, p.pad_left, p.size_w, p.w);
      const int64_t corner = (i * p.stride_h - p.pad_top) * p.w + j * p.stride_w - p.pad_left;
      const int64_t at = (i * p.ow + j) * channels;
      if (halving) {
        for_channels(
            channels, [&](int64_t c, int64_t n) __attribute__((always_inline)) {
              const float* cell = x + corner * channels + c;
              Vector best = load_part(cell, n);
              IntVector place{};
              const auto meet = [&](Vector next, int32_t there) __attribute__((always_inline)) {
                const IntVector wins = beats(next, best);
                best = choose(wins, next, best);
                if constexpr (kArgmax) place = wins ? IntVector{} + there : place;
              };
              meet(load_part(cell + channels, n), 1);
              meet(load_part(cell + p.w * channels, n), 2);
              meet(load_part(cell + (p.w + 1) * channels, n), 3);
              store_part(y + at + c, best, n);
              if constexpr (kArgmax) store_part_bytes(argmax + at + c, place, n);
            });
        continue;
      }
      for_channels(
          channels, [&](int64_t c, int64_t n) __attribute__((always_inline)) {
            Vector best = splat(-kInfinity);
            IntVector place = IntVector{} + static_cast<int32_t>(rows.first * p.size_w + columns.first);
            for (int64_t r = rows.first; r < rows.last; ++r)
              for (int64_t s = columns.first; s < columns.last; ++s) {
                const Vector next = load_part(x + (corner + r * p.w + s) * channels + c, n);
                const IntVector wins = beats(next, best);
                best = choose(wins, next, best);
                if constexpr (kArgmax)
                  place = wins ? IntVector{} + static_cast<int32_t>(r * p.size_w + s) : place;
              }
            store_part(y + at + c, best, n);
            if constexpr (kArgmax) store_part_bytes(argmax + at + c, place, n);
          });
    }
  }
}

/// Puts one output's gradient into the four cells of its window.
inline void halving_max_pool_gradient(const Pooling& p, int64_t channels, const uint8_t* argmax,
                                      const float* dy, float* dx) {
  const int64_t row = p.w * channels, used = 2 * p.ow * channels;
  for (int64_t i = 0; i < p.oh; ++i) {
    float* top = dx + 2 * i * row;
    for (int64_t j = 0; j < p.ow; ++j) {
      const int64_t at = (i * p.ow + j) * channels;
      float* cell = top + 2 * j * channels;
      for_channels(
          channels, [&](int64_t c, int64_t n) __attribute__((always_inline)) {
            const Vector gradient = load_part(dy + at + c, n);
            const IntVector place = load_part_bytes(argmax + at + c, n);
            store_part(cell + c, choose(place == 0, gradient, Vector{}), n);
            store_part(cell + channels + c, choose(place == 1, gradient, Vector{}), n);
            store_part(cell + row + c, choose(place == 2, gradient, Vector{}), n);
            store_part(cell + row + channels + c, choose(place == 3, gradient, Vector{}), n);
          });
    }
    __builtin_memset(top + used, 0, static_cast<uint64_t>(row - used) * sizeof(float));
    __builtin_memset(top + row + used, 0, static_cast<uint64_t>(row - used) * sizeof(float));
  }
  __builtin_memset(dx + 2 * p.oh * row, 0, static_cast<uint64_t>((p.h - 2 * p.oh) * row) * sizeof(float));
}

inline __attribute__((always_inline)) void add_part(float* p, Vector v, bool first, int64_t n) {
  store_part(p, first ? v : load_part(p, n) + v, n);
}

inline void max_pool_gradient_image(const Pooling& p, int64_t channels, const uint8_t* argmax,
                                    const float* dy, float* dx) {
  if (is_halving(p)) return halving_max_pool_gradient(p, channels, argmax, dy, dx);
  for (int64_t row = 0; row < p.h; ++row) {
    const Range is = covering(row, p.stride_h, p.pad_top, p.size_h, p.oh);
    for (int64_t column = 0; column < p.w; ++column, dx += channels) {
      const Range js = covering(column, p.stride_w, p.pad_left, p.size_w, p.ow);
      bool first = true;
      for (int64_t i = is.first; i < is.last; ++i)
        for (int64_t j = js.first; j < js.last; ++j, first = false) {
          const int64_t r = row + p.pad_top - i * p.stride_h, s = column + p.pad_left - j * p.stride_w;
          const int64_t at = (i * p.ow + j) * channels;
          const IntVector here = IntVector{} + static_cast<int32_t>(r * p.size_w + s);
          for_channels(
              channels, [&](int64_t c, int64_t n) __attribute__((always_inline)) {
                const IntVector chosen = load_part_bytes(argmax + at + c, n) == here;
                add_part(dx + c, choose(chosen, load_part(dy + at + c, n), Vector{}), first, n);
              });
        }
      if (first) __builtin_memset(dx, 0, static_cast<uint64_t>(channels) * sizeof(float));
    }
  }
}

/// 1 / cells of a window that lie inside the picture; 0 when none does.
inline float share(Range rows, Range columns) {
  const int64_t cells = (rows.last - rows.first) * (columns.last - columns.first);
  return cells > 0 ? 1.0f / static_cast<float>(cells) : 0.0f;
}

inline void average_pool_image(const Pooling& p, int64_t channels, const float* x, float* y) {
  const bool halving = is_halving(p);
  for (int64_t i = 0; i < p.oh; ++i) {
    const Range rows = inside(i, p.stride_h, p.pad_top, p.size_h, p.h);
    for (int64_t j = 0; j < p.ow; ++j) {
      const Range columns = inside(j, p.stride_w, p.pad_left, p.size_w, p.w);
      const int64_t corner = (i * p.stride_h - p.pad_top) * p.w + j * p.stride_w - p.pad_left;
      float* to = y + (i * p.ow + j) * channels;
      if (halving) {
        for_channels(
            channels, [&](int64_t c, int64_t n) __attribute__((always_inline)) {
              const float* cell = x + corner * channels + c;
              const Vector top = load_part(cell, n) + load_part(cell + channels, n);
              const Vector three = top + load_part(cell + p.w * channels, n);
              store_part(to + c, (three + load_part(cell + (p.w + 1) * channels, n)) * 0.25f, n);
            });
        continue;
      }
      const float factor = share(rows, columns);
      for_channels(
          channels, [&](int64_t c, int64_t n) __attribute__((always_inline)) {
            Vector sum{};
            for (int64_t r = rows.first; r < rows.last; ++r)
              for (int64_t s = columns.first; s < columns.last; ++s)
                sum += load_part(x + (corner + r * p.w + s) * channels + c, n);
            store_part(to + c, sum * factor, n);
          });
    }
  }
}

inline void average_pool_gradient_image(const Pooling& p, int64_t channels, const float* dy, float* dx) {
  for (int64_t row = 0; row < p.h; ++row) {
    const Range is = covering(row, p.stride_h, p.pad_top, p.size_h, p.oh);
    for (int64_t column = 0; column < p.w; ++column, dx += channels) {
      const Range js = covering(column, p.stride_w, p.pad_left, p.size_w, p.ow);
      bool first = true;
      for (int64_t i = is.first; i < is.last; ++i) {
        const Range rows = inside(i, p.stride_h, p.pad_top, p.size_h, p.h);
        for (int64_t j = js.first; j < js.last; ++j, first = false) {
          const Vector factor = splat(share(rows, inside(j, p.stride_w, p.pad_left, p.size_w, p.w)));
          const float* from = dy + (i * p.ow + j) * channels;
          for_channels(
              channels, [&](int64_t c, int64_t n) __attribute__((always_inline)) {
                add_part(dx + c, load_part(from + c, n) * factor, first, n);
              });
        }
      }
      if (first) __builtin_memset(dx, 0, static_cast<uint64_t>(channels) * sizeof(float));
    }
  }
}

inline void max_pool(const Pooling& p, int64_t rows, const float* x, float* y, uint8_t* argmax) {
  const int64_t in = p.h * p.w * p.c, out = p.oh * p.ow * p.c;
  for (int64_t n = 0; n < rows; ++n) {
    if (argmax) {
      max_pool_image<true>(p, p.c, x + n * in, y + n * out, argmax + n * out);
    } else {
      max_pool_image<false>(p, p.c, x + n * in, y + n * out, nullptr);
    }
  }
}
inline void max_pool_gradient(const Pooling& p, int64_t rows, const uint8_t* argmax, const float* dy,
                              float* dx) {
  const int64_t in = p.h * p.w * p.c, out = p.oh * p.ow * p.c;
  for (int64_t n = 0; n < rows; ++n)
    max_pool_gradient_image(p, p.c, argmax + n * out, dy + n * out, dx + n * in);
}
inline void average_pool(const Pooling& p, int64_t rows, const float* x, float* y) {
  const int64_t in = p.h * p.w * p.c, out = p.oh * p.ow * p.c;
  for (int64_t n = 0; n < rows; ++n) average_pool_image(p, p.c, x + n * in, y + n * out);
}
inline void average_pool_gradient(const Pooling& p, int64_t rows, const float* dy, float* dx) {
  const int64_t in = p.h * p.w * p.c, out = p.oh * p.ow * p.c;
  for (int64_t n = 0; n < rows; ++n) average_pool_gradient_image(p, p.c, dy + n * out, dx + n * in);
}

inline void lanes_max_pool(const Pooling& p, const float* x, float* y, uint8_t* argmax) {
  if (argmax) {
    max_pool_image<true>(p, p.c * folio::cpu::kLanes, x, y, argmax);
  } else {
    max_pool_image<false>(p, p.c * folio::cpu::kLanes, x, y, nullptr);
  }
}
inline void lanes_max_pool_gradient(const Pooling& p, const uint8_t* argmax, const float* dy, float* dx) {
  max_pool_gradient_image(p, p.c * folio::cpu::kLanes, argmax, dy, dx);
}
inline void lanes_average_pool(const Pooling& p, const float* x, float* y) {
  average_pool_image(p, p.c * folio::cpu::kLanes, x, y);
}
inline void lanes_average_pool_gradient(const Pooling& p, const float* dy, float* dx) {
  average_pool_gradient_image(p, p.c * folio::cpu::kLanes, dy, dx);
}

inline void fill_pooling(folio::cpu::Functions& table) {
  table.max_pool = max_pool;
  table.max_pool_gradient = max_pool_gradient;
  table.average_pool = average_pool;
  table.average_pool_gradient = average_pool_gradient;
  table.lanes_max_pool = lanes_max_pool;
  table.lanes_max_pool_gradient = lanes_max_pool_gradient;
  table.lanes_average_pool = lanes_average_pool;
  table.lanes_average_pool_gradient = lanes_average_pool_gradient;
}

}  // namespace
