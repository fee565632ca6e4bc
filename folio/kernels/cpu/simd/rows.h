// Sums, maxima and softmax along the rows of a matrix, and sums of its columns.
// The order of every sum depends on the length of what is summed alone, never on how many rows or columns
// there are beside it: splitting a matrix among threads does not move a bit.
#pragma once
#include "folio/kernels/cpu/functions.h"
#include "folio/kernels/cpu/simd/math.h"

namespace {

typedef float Quad __attribute__((vector_size(16)));

/// Combines all lanes of v by `combine`, which takes two quads: quarter by quarter, then halves, then the
/// last two.
template <class Combine>
inline __attribute__((always_inline)) float fold_lanes(Vector v, Combine combine) {
  Quad quads[kWidth / 4];
  __builtin_memcpy(quads, &v, sizeof v);
  Quad all = quads[0];
  for (int64_t i = 1; i < kWidth / 4; ++i) all = combine(all, quads[i]);
  all = combine(all, __builtin_shufflevector(all, all, 2, 3, 0, 1));
  return combine(all, __builtin_shufflevector(all, all, 1, 0, 3, 2))[0];
}
inline __attribute__((always_inline)) float sum_of_lanes(Vector v) {
  return fold_lanes(
      v, [](Quad a, Quad b) __attribute__((always_inline)) { return a + b; });
}
inline __attribute__((always_inline)) float largest_of_lanes(Vector v) {  // NaN wins
  return fold_lanes(
      v, [](Quad a, Quad b) __attribute__((always_inline)) { return ((a > b) | (a != a)) ? a : b; });
}

/// The largest of n floats; NaN when one is NaN, -inf when there is none.
inline float row_maximum(const float* x, int64_t n) {
  Vector first = splat(-kInfinity), second = first;
  int64_t i = 0;
  for (; i + 2 * kWidth <= n; i += 2 * kWidth) {
    first = maximum(first, load(x + i));
    second = maximum(second, load(x + i + kWidth));
  }
  for (; i + kWidth <= n; i += kWidth) first = maximum(first, load(x + i));
  if (i < n) second = maximum(second, load_some_or(x + i, n - i, -kInfinity));
  return largest_of_lanes(maximum(first, second));
}

inline float row_sum(const float* x, int64_t n) {
  Vector sums[4] = {};
  int64_t i = 0;
  for (; i + 4 * kWidth <= n; i += 4 * kWidth)
    for (int64_t j = 0; j < 4; ++j) sums[j] += load(x + i + j * kWidth);
  for (; i + kWidth <= n; i += kWidth) sums[0] += load(x + i);
  if (i < n) sums[1] += load_some(x + i, n - i);
  return sum_of_lanes((sums[0] + sums[1]) + (sums[2] + sums[3]));
}

/// The sum of e^(x - largest), which kWrite stores as well.
template <bool kWrite>
inline float exponential_sum(const float* x, int64_t n, float largest, float* y) {
  const Vector shift = repeat(largest);
  Vector sum{};
  int64_t i = 0;
  for (; i + kWidth <= n; i += kWidth) {
    const Vector e = exponential(load(x + i) - shift);
    if constexpr (kWrite) store(y + i, e);
    sum += e;
  }
  if (i < n) {
    const Vector e = exponential(load_some_or(x + i, n - i, -kInfinity) - shift);
    if constexpr (kWrite) store_some(y + i, e, n - i);
    sum += choose(lane_numbers() < static_cast<int32_t>(n - i), e, Vector{});
  }
  return sum_of_lanes(sum);
}

inline void softmax(const float* x, int64_t rows, int64_t columns, float* y) {
  for (int64_t r = 0; r < rows; ++r, x += columns, y += columns) {
    const float sum = exponential_sum<true>(x, columns, row_maximum(x, columns), y);
    const Vector factor = splat(1.0f / sum);
    int64_t i = 0;
    for (; i + kWidth <= columns; i += kWidth) store(y + i, load(y + i) * factor);
    if (i < columns) store_some(y + i, load_some(y + i, columns - i) * factor, columns - i);
  }
}

inline void log_softmax(const float* x, int64_t rows, int64_t columns, float* y) {
  for (int64_t r = 0; r < rows; ++r, x += columns, y += columns) {
    const float largest = row_maximum(x, columns);
    const float sum = exponential_sum<false>(x, columns, largest, nullptr);
    const Vector shift = repeat(largest), log_sum = repeat(logarithm(splat(sum))[0]);
    int64_t i = 0;
    for (; i + kWidth <= columns; i += kWidth) store(y + i, (load(x + i) - shift) - log_sum);
    if (i < columns) store_some(y + i, (load_some(x + i, columns - i) - shift) - log_sum, columns - i);
  }
}

inline float row_product(const float* a, const float* b, int64_t n) {
  Vector sums[2] = {};
  int64_t i = 0;
  for (; i + 2 * kWidth <= n; i += 2 * kWidth)
    for (int64_t j = 0; j < 2; ++j) sums[j] += load(a + i + j * kWidth) * load(b + i + j * kWidth);
  for (; i + kWidth <= n; i += kWidth) sums[0] += load(a + i) * load(b + i);
  if (i < n) sums[1] += load_some(a + i, n - i) * load_some(b + i, n - i);
  return sum_of_lanes(sums[0] + sums[1]);
}

inline void softmax_gradient(const float* dy, const float* y, int64_t rows, int64_t columns, float* dx) {
  for (int64_t r = 0; r < rows; ++r, dy += columns, y += columns, dx += columns) {
    const Vector total = repeat(row_product(dy, y, columns));
    int64_t i = 0;
    for (; i + kWidth <= columns; i += kWidth) store(dx + i, load(y + i) * (load(dy + i) - total));
    if (i < columns)
      store_some(dx + i, load_some(y + i, columns - i) * (load_some(dy + i, columns - i) - total),
                 columns - i);
  }
}

inline void row_sums(const float* x, int64_t rows, int64_t columns, float* y) {
  for (int64_t r = 0; r < rows; ++r) y[r] = row_sum(x + r * columns, columns);
}

inline void row_maxima(const float* x, int64_t rows, int64_t columns, float* y) {
  for (int64_t r = 0; r < rows; ++r) y[r] = row_maximum(x + r * columns, columns);
}

/// Adds kVectors vectors of columns, their sums in registers.
template <int kVectors>
inline void sum_columns(const float* x, int64_t rows, int64_t columns, float* y) {
  Vector sums[kVectors] = {};
  for (int64_t r = 0; r < rows; ++r)
    for (int v = 0; v < kVectors; ++v) sums[v] += load(x + r * columns + v * kWidth);
  for (int v = 0; v < kVectors; ++v) store(y + v * kWidth, load(y + v * kWidth) + sums[v]);
}

inline void column_sums(const float* x, int64_t rows, int64_t columns, float* y) {
  int64_t c = 0;
  for (; c + 8 * kWidth <= columns; c += 8 * kWidth) sum_columns<8>(x + c, rows, columns, y + c);
  for (; c + 2 * kWidth <= columns; c += 2 * kWidth) sum_columns<2>(x + c, rows, columns, y + c);
  for (; c + kWidth <= columns; c += kWidth) sum_columns<1>(x + c, rows, columns, y + c);
  if (const int64_t rest = columns - c; rest > 0) {
    Vector sum{};
    // Whole vectors may be read where the next row follows; only the last rows must not be overrun.
    int64_t r = 0;
    for (; r + kWidth < rows; ++r) sum += load(x + r * columns + c);
    for (; r < rows; ++r) sum += load_some(x + r * columns + c, rest);
    store_some(y + c, load_some(y + c, rest) + sum, rest);
  }
}

inline void column_maxima(const float* x, int64_t rows, int64_t columns, float* y) {
  // A number loses against whatever is not below it: against larger ones and NaN.
  const auto largest = [&](auto load_row) __attribute__((always_inline)) {
    Vector best = load_row(0);
    for (int64_t r = 1; r < rows; ++r) {
      const Vector next = load_row(r);
      best = choose(~(next <= best) & (best == best), next, best);
    }
    return best;
  };
  int64_t c = 0;
  for (; c + kWidth <= columns; c += kWidth)
    store(y + c, largest([&](int64_t r) { return load(x + r * columns + c); }));
  if (const int64_t rest = columns - c; rest > 0)
    store_some(y + c, largest([&](int64_t r) { return load_some(x + r * columns + c, rest); }), rest);
}

/// Adds kColumns columns of 16 lanes over all groups and places.
template <int kColumns>
inline void sum_lanes_columns(const float* x, int64_t places, int64_t columns, float* y) {
  constexpr int kParts = static_cast<int>(folio::cpu::kLanes / kWidth);
  Vector sums[kColumns][kParts] = {};
  for (int64_t place = 0; place < places; ++place)
    for (int c = 0; c < kColumns; ++c)
      for (int part = 0; part < kParts; ++part)
        sums[c][part] += load(x + (place * columns + c) * folio::cpu::kLanes + part * kWidth);
  for (int c = 0; c < kColumns; ++c) {
    Vector sum = sums[c][0];
    for (int part = 1; part < kParts; ++part) sum += sums[c][part];
    y[c] += sum_of_lanes(sum);
  }
}

inline void lanes_column_sums(const float* x, int64_t places, int64_t columns, float* y) {
  constexpr int kBlock = kWidth == 16 ? 8 : kWidth == 8 ? 4 : 2;  // so that the sums fit in the registers
  int64_t c = 0;
  for (; c + kBlock <= columns; c += kBlock)
    sum_lanes_columns<kBlock>(x + c * folio::cpu::kLanes, places, columns, y + c);
  for (; c < columns; ++c) sum_lanes_columns<1>(x + c * folio::cpu::kLanes, places, columns, y + c);
}

inline void fill_rows(folio::cpu::Functions& table) {
  table.softmax = softmax;
  table.log_softmax = log_softmax;
  table.softmax_gradient = softmax_gradient;
  table.row_sums = row_sums;
  table.row_maxima = row_maxima;
  table.column_sums = column_sums;
  table.column_maxima = column_maxima;
  table.lanes_column_sums = lanes_column_sums;
}

}  // namespace
