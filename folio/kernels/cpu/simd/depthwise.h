// Convolution of every channel by a kernel of its own: channels are the vectors, nothing is gathered.
#pragma once
#include "folio/kernels/cpu/functions.h"
#include "folio/kernels/cpu/simd/pooling.h"
#include "folio/kernels/cpu/simd/vector.h"

namespace {

using folio::cpu::DepthwiseConvolution;

/// The taps of a window that lie inside the picture when its first lies at `start`.
inline Range taps_inside(int64_t start, int64_t dilation, int64_t size, int64_t extent) {
  const int64_t first = start < 0 ? (-start + dilation - 1) / dilation : 0;
  const int64_t end = start < extent ? (extent - start + dilation - 1) / dilation : 0;
  const int64_t last = end < size ? end : size;
  return {first, last > first ? last : first};
}

/// Calls body(cell of y, its first cell of x, its taps inside the picture) for every cell of one picture.
template <class Body>
inline __attribute__((always_inline)) void for_cells(const DepthwiseConvolution& g, Body body) {
  for (int64_t i = 0; i < g.oh; ++i) {
    const int64_t top = i * g.stride_h - g.pad_top;
    const Range rows = taps_inside(top, g.dilation_h, g.kh, g.h);
    for (int64_t j = 0; j < g.ow; ++j) {
      const int64_t left = j * g.stride_w - g.pad_left;
      body(i * g.ow + j, top * g.w + left, rows, taps_inside(left, g.dilation_w, g.kw, g.w));
    }
  }
}

/// One cell of y, so many channels of it: `x` is at the first cell of its window, which may lie outside.
inline void depthwise_cell(const DepthwiseConvolution& g, int64_t channels, const float* x,
                           const float* kernel, Range vertical, Range horizontal, float* y) {
  for_channels(
      channels, [&](int64_t c, int64_t count) __attribute__((always_inline)) {
        Vector sum{};
        for (int64_t r = vertical.first; r < vertical.last; ++r)
          for (int64_t s = horizontal.first; s < horizontal.last; ++s)
            sum += load_part(x + (r * g.dilation_h * g.w + s * g.dilation_w) * g.c + c, count) *
                   load_part(kernel + (r * g.kw + s) * g.c + c, count);
        store_part(y + c, sum, count);
      });
}

/// Four cells of a row of y side by side, whose windows lie inside the row: every tap is loaded once, and
/// four sums grow at a time.
inline void depthwise_cells(const DepthwiseConvolution& g, int64_t channels, const float* x,
                            const float* kernel, Range vertical, float* y) {
  const int64_t step = g.stride_w * g.c, line = g.dilation_h * g.w * g.c, next = g.dilation_w * g.c;
  for_channels(
      channels, [&](int64_t c, int64_t count) __attribute__((always_inline)) {
        Vector sums[4] = {};
        for (int64_t r = vertical.first; r < vertical.last; ++r) {
          const float *from = x + r * line + c, *tap = kernel + r * g.kw * g.c + c;
          for (int64_t s = 0; s < g.kw; ++s, from += next, tap += g.c) {
            const Vector weight = load_part(tap, count);
            for (int64_t i = 0; i < 4; ++i) sums[i] += load_part(from + i * step, count) * weight;
          }
        }
        for (int64_t i = 0; i < 4; ++i) store_part(y + i * g.c + c, sums[i], count);
      });
}

inline void depthwise(const DepthwiseConvolution& g, int64_t first, int64_t last, const float* x,
                      const float* kernel, float* y) {
  // Channels whose taps and windows stay in the first-level cache while a row of y is made.
  constexpr int64_t kChannels = 64;
  // Places of a row of y whose windows lie inside.
  const int64_t reach = g.w - 1 - (g.kw - 1) * g.dilation_w + g.pad_left;
  const int64_t whole_first = (g.pad_left + g.stride_w - 1) / g.stride_w,
                whole_last = reach < 0 ? 0 : reach / g.stride_w + 1;
  while (first < last) {
    const int64_t row = first / g.ow, top = row % g.oh * g.stride_h - g.pad_top;
    const Range vertical = taps_inside(top, g.dilation_h, g.kh, g.h);
    const float* line = x + (row / g.oh * g.h + top) * g.w * g.c;
    const int64_t begin = first - row * g.ow, end = last < (row + 1) * g.ow ? last - row * g.ow : g.ow;
    for (int64_t c = 0; c < g.c; c += kChannels) {
      const int64_t channels = g.c - c < kChannels ? g.c - c : kChannels;
      for (int64_t j = begin; j < end;) {
        const int64_t left = j * g.stride_w - g.pad_left;
        const float* window = line + left * g.c + c;
        float* to = y + (j - begin) * g.c + c;
        if (j >= whole_first && j + 4 <= whole_last && j + 4 <= end) {
          depthwise_cells(g, channels, window, kernel + c, vertical, to);
          j += 4;
        } else {
          depthwise_cell(g, channels, window, kernel + c, vertical,
                         taps_inside(left, g.dilation_w, g.kw, g.w), to);
          ++j;
        }
      }
    }
    y += (end - begin) * g.c;
    first += end - begin;
  }
}

inline void depthwise_input_gradient(const DepthwiseConvolution& g, int64_t rows, const float* dy,
                                     const float* kernel, float* dx) {
  __builtin_memset(dx, 0, static_cast<size_t>(rows * g.h * g.w * g.c) * sizeof(float));
  for (int64_t n = 0; n < rows; ++n, dx += g.h * g.w * g.c, dy += g.oh * g.ow * g.c)
    for_cells(
        g, [&](int64_t from, int64_t to, Range vertical, Range horizontal) __attribute__((always_inline)) {
          for_channels(
              g.c, [&](int64_t c, int64_t count) __attribute__((always_inline)) {
                const Vector spread = load_part(dy + from * g.c + c, count);
                for (int64_t r = vertical.first; r < vertical.last; ++r)
                  for (int64_t s = horizontal.first; s < horizontal.last; ++s) {
                    float* cell = dx + (to + r * g.dilation_h * g.w + s * g.dilation_w) * g.c + c;
                    const Vector share = spread * load_part(kernel + (r * g.kw + s) * g.c + c, count);
                    store_part(cell, load_part(cell, count) + share, count);
                  }
              });
        });
}

/// For channels [first, last) of all `rows` pictures. Every row of a picture is summed by itself first.
inline void depthwise_kernel_gradient(const DepthwiseConvolution& g, int64_t rows, int64_t first,
                                      int64_t last, const float* x, const float* dy, float* dkernel) {
  for (int64_t tap = 0; tap < g.kh * g.kw; ++tap)
    __builtin_memset(dkernel + tap * g.c + first, 0, static_cast<size_t>(last - first) * sizeof(float));
  for (int64_t n = 0; n < rows; ++n, x += g.h * g.w * g.c, dy += g.oh * g.ow * g.c)
    for (int64_t i = 0; i < g.oh; ++i) {
      const int64_t top = i * g.stride_h - g.pad_top;
      const Range vertical = taps_inside(top, g.dilation_h, g.kh, g.h);
      for (int64_t r = vertical.first; r < vertical.last; ++r)
        for (int64_t s = 0; s < g.kw; ++s) {
          const int64_t left = s * g.dilation_w - g.pad_left;
          // The places of y whose tap lies inside: they are a stride apart as taps are a dilation.
          const Range columns = taps_inside(left, g.stride_w, g.ow, g.w);
          const float* cells = x + ((top + r * g.dilation_h) * g.w + left) * g.c + first;
          const float* gradients = dy + i * g.ow * g.c + first;
          float* to = dkernel + (r * g.kw + s) * g.c + first;
          for_channels(
              last - first, [&](int64_t c, int64_t count) __attribute__((always_inline)) {
                Vector sum{};
                for (int64_t j = columns.first; j < columns.last; ++j)
                  sum += load_part(cells + j * g.stride_w * g.c + c, count) *
                         load_part(gradients + j * g.c + c, count);
                store_part(to + c, load_part(to + c, count) + sum, count);
              });
        }
    }
}

inline void fill_depthwise(folio::cpu::Functions& table) {
  table.depthwise = depthwise;
  table.depthwise_input_gradient = depthwise_input_gradient;
  table.depthwise_kernel_gradient = depthwise_kernel_gradient;
}

}  // namespace
