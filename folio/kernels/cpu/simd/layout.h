// Transposes: of a square block of registers, and from plain rows to the lanes layout and back.
#pragma once
#include "folio/kernels/cpu/functions.h"
#include "folio/kernels/cpu/simd/vector.h"

namespace {
namespace layout {

// The indices 0, 1, ..., kWidth - 1 as a parameter pack, to spell the constant index lists of shuffles.
template <int... lane>
struct LaneList {};
template <int n, int... lane>
struct CountDown : CountDown<n - 1, n - 1, lane...> {};
template <int... lane>
struct CountDown<0, lane...> {
  using List = LaneList<lane...>;
};
using EveryLane = CountDown<static_cast<int>(kWidth)>::List;

#define FOLIO_INLINE inline __attribute__((always_inline))

// Within every four lanes: a0 b0 a1 b1 and a2 b2 a3 b3.
template <int... lane>
FOLIO_INLINE Vector interleave_low(Vector a, Vector b, LaneList<lane...>) {
  return __builtin_shufflevector(a, b,
                                 (lane / 4 * 4 + lane % 4 / 2 + lane % 2 * static_cast<int>(kWidth))...);
}
template <int... lane>
FOLIO_INLINE Vector interleave_high(Vector a, Vector b, LaneList<lane...>) {
  return __builtin_shufflevector(a, b,
                                 (lane / 4 * 4 + lane % 4 / 2 + 2 + lane % 2 * static_cast<int>(kWidth))...);
}
// In blocks of 2 * half lanes: the first halves of a and b, and the second halves of a and b.
template <int half, int... lane>
FOLIO_INLINE Vector first_halves(Vector a, Vector b, LaneList<lane...>) {
  return __builtin_shufflevector(a, b, (lane & half ? static_cast<int>(kWidth) + lane - half : lane)...);
}
template <int half, int... lane>
FOLIO_INLINE Vector second_halves(Vector a, Vector b, LaneList<lane...>) {
  return __builtin_shufflevector(a, b, (lane & half ? static_cast<int>(kWidth) + lane : lane + half)...);
}

/// Swaps, in every block of 2 * half rows and lanes, the upper right with the lower left square.
template <int half>
FOLIO_INLINE void exchange(Vector (&rows)[kWidth]) {
#pragma GCC unroll 16
  for (int i = 0; i < kWidth; ++i) {
    if (i & half) continue;
    const Vector a = rows[i], b = rows[i + half];
    rows[i] = first_halves<half>(a, b, EveryLane{});
    rows[i + half] = second_halves<half>(a, b, EveryLane{});
  }
}

/// Transposes kWidth x kWidth floats: first the 4 x 4 blocks, then the blocks among each other.
FOLIO_INLINE void transpose(Vector (&rows)[kWidth]) {
#pragma GCC unroll 4
  for (int i = 0; i < kWidth; i += 4) {
    const Vector low01 = interleave_low(rows[i], rows[i + 1], EveryLane{});
    const Vector low23 = interleave_low(rows[i + 2], rows[i + 3], EveryLane{});
    const Vector high01 = interleave_high(rows[i], rows[i + 1], EveryLane{});
    const Vector high23 = interleave_high(rows[i + 2], rows[i + 3], EveryLane{});
    rows[i] = first_halves<2>(low01, low23, EveryLane{});
    rows[i + 1] = second_halves<2>(low01, low23, EveryLane{});
    rows[i + 2] = first_halves<2>(high01, high23, EveryLane{});
    rows[i + 3] = second_halves<2>(high01, high23, EveryLane{});
  }
  if constexpr (kWidth >= 8) exchange<4>(rows);
  if constexpr (kWidth >= 16) exchange<8>(rows);
}

/// Transposes a block of `rows` x `columns` floats, both at most kWidth. Writes `columns` whole registers,
/// `to_row` floats apart; lanes beyond `rows` become 0.
FOLIO_INLINE void transpose_to_registers(const float* from, int64_t from_row, int64_t rows, int64_t columns,
                                         float* to, int64_t to_row) {
  Vector block[kWidth];
  if (columns == kWidth) {
#pragma GCC unroll 16
    for (int i = 0; i < kWidth; ++i) block[i] = i < rows ? load(from + i * from_row) : Vector{};
  } else {
#pragma GCC unroll 16
    for (int i = 0; i < kWidth; ++i) block[i] = i < rows ? load_some(from + i * from_row, columns) : Vector{};
  }
  transpose(block);
#pragma GCC unroll 16
  for (int i = 0; i < kWidth; ++i)
    if (i < columns) store(to + i * to_row, block[i]);
}

/// The reverse: reads `columns` whole registers, `from_row` floats apart, and writes `rows` x `columns`
/// floats.
FOLIO_INLINE void transpose_from_registers(const float* from, int64_t from_row, int64_t rows, int64_t columns,
                                           float* to, int64_t to_row) {
  Vector block[kWidth];
#pragma GCC unroll 16
  for (int i = 0; i < kWidth; ++i) block[i] = i < columns ? load(from + i * from_row) : Vector{};
  transpose(block);
#pragma GCC unroll 16
  for (int i = 0; i < kWidth; ++i) {
    if (i >= rows) continue;
    if (columns == kWidth)
      store(to + i * to_row, block[i]);
    else
      store_some(to + i * to_row, block[i], columns);
  }
}

#undef FOLIO_INLINE

inline int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

void to_lanes(const float* plain, int64_t rows, int64_t features, float* lanes) {
  for (int64_t feature = 0; feature < features; feature += kWidth)
    for (int64_t row = 0; row < folio::cpu::kLanes; row += kWidth)
      transpose_to_registers(plain + row * features + feature, features, smaller(rows - row, kWidth),
                             smaller(features - feature, kWidth), lanes + feature * folio::cpu::kLanes + row,
                             folio::cpu::kLanes);
}

void from_lanes(const float* lanes, int64_t rows, int64_t features, float* plain) {
  for (int64_t feature = 0; feature < features; feature += kWidth)
    for (int64_t row = 0; row < rows; row += kWidth)
      transpose_from_registers(lanes + feature * folio::cpu::kLanes + row, folio::cpu::kLanes,
                               smaller(rows - row, kWidth), smaller(features - feature, kWidth),
                               plain + row * features + feature, features);
}

}  // namespace layout

void fill_layout(folio::cpu::Functions& table) {
  table.to_lanes = layout::to_lanes;
  table.from_lanes = layout::from_lanes;
}

}  // namespace
