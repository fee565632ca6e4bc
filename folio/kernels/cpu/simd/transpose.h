// Matrices transposed in memory, and runs of floats copied between memories with steps of their own. Elements
// are moved, never computed with, so that anything of 4 bytes may pass for a float.
#pragma once
#include "folio/kernels/cpu/functions.h"
#include "folio/kernels/cpu/simd/layout.h"
#include "folio/kernels/cpu/simd/vector.h"

namespace {
namespace transposition {

#define FOLIO_INLINE inline __attribute__((always_inline))

typedef float Quad __attribute__((vector_size(16), aligned(4)));

FOLIO_INLINE int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }

/// A whole block of kWidth x kWidth.
FOLIO_INLINE void transpose_block(const float* from, int64_t from_row, float* to, int64_t to_row) {
  Vector block[kWidth];
#pragma GCC unroll 16
  for (int i = 0; i < kWidth; ++i) block[i] = load(from + i * from_row);
  layout::transpose(block);
#pragma GCC unroll 16
  for (int i = 0; i < kWidth; ++i) store(to + i * to_row, block[i]);
}

/// The first n < kWidth floats. (Masked stores are slow on some processors.)
FOLIO_INLINE void store_few(float* to, Vector v, int64_t n) {
  alignas(64) float few[kWidth];
  store(few, v);
  if (n < 4) {
    for (int64_t i = 0; i < n; ++i) to[i] = few[i];
    return;
  }
  // Quads that may overlap.
  for (int64_t i = 0; i + 4 < n; i += 4) *reinterpret_cast<Quad*>(to + i) = *reinterpret_cast<Quad*>(few + i);
  *reinterpret_cast<Quad*>(to + n - 4) = *reinterpret_cast<Quad*>(few + n - 4);
}

/// A strip of `columns` < kWidth columns and at least kWidth rows. The last block overlaps the one before it.
void transpose_strip(const float* from, int64_t from_row, int64_t rows, int64_t columns, float* to,
                     int64_t to_row) {
  for (int64_t r = 0; r < rows; r += kWidth) {
    const int64_t at = smaller(r, rows - kWidth);
    layout::transpose_to_registers(from + at * from_row, from_row, kWidth, columns, to + at, to_row);
  }
}

/// Fewer rows than kWidth: columns become short runs. Where these lie one behind the other, whole registers
/// are written; what they write too much is overwritten by the next.
void transpose_few_rows(const float* from, int64_t from_row, int64_t rows, int64_t columns, float* to,
                        int64_t to_row) {
  const int64_t end = (columns - 1) * to_row + rows;
  for (int64_t c = 0; c < columns; c += kWidth) {
    const int64_t some = smaller(kWidth, columns - c);
    Vector block[kWidth];
#pragma GCC unroll 16
    for (int i = 0; i < kWidth; ++i)
      block[i] = i >= rows        ? Vector{}
                 : some == kWidth ? load(from + i * from_row + c)
                                  : load_some(from + i * from_row + c, some);
    layout::transpose(block);
#pragma GCC unroll 16
    for (int i = 0; i < kWidth; ++i) {
      if (i >= some) continue;
      const int64_t at = (c + i) * to_row;
      if (to_row == rows && at + kWidth <= end)
        store(to + at, block[i]);
      else
        store_few(to + at, block[i], rows);
    }
  }
}

constexpr int64_t kLine = 16;  // floats of a cache line

/// Reads and writes whole cache lines, in bands of columns so that the lines of `to` stay near until all rows
/// have added to them.
void transpose_lines(const float* from, int64_t from_row, int64_t rows, int64_t columns, float* to,
                     int64_t to_row) {
  constexpr int64_t kBand = 512;
  for (int64_t band = 0; band < columns; band += kBand)
    for (int64_t r = 0; r < rows; r += kLine)
      for (int64_t c = band; c < smaller(band + kBand, columns); c += kLine)
        for (int64_t i = c; i < smaller(c + kLine, columns); i += kWidth)
          for (int64_t j = r; j < smaller(r + kLine, rows); j += kWidth) {
            const int64_t column = smaller(i, columns - kWidth), row = smaller(j, rows - kWidth);
            transpose_block(from + row * from_row + column, from_row, to + column * to_row + row, to_row);
          }
}

/// to[c * to_row + r] = from[r * from_row + c].
void transpose(const float* from, int64_t from_row, int64_t rows, int64_t columns, float* to,
               int64_t to_row) {
  constexpr int64_t kTile = 64, kGap = 16;  // a gap keeps the tile's rows from evicting each other
  constexpr int64_t kLarge = int64_t{1} << 18;
  if (rows < kWidth) return transpose_few_rows(from, from_row, rows, columns, to, to_row);
  if (columns < kWidth) return transpose_strip(from, from_row, rows, columns, to, to_row);
  if (rows < kTile || columns < kTile || rows * columns < kLarge)
    return transpose_lines(from, from_row, rows, columns, to, to_row);
  // Rows of a large matrix may all lie a power of two apart. Tiles are put together in the first cache, so
  // that memory sees long runs only.
  alignas(64) float tile[kTile * (kTile + kGap)];
  for (int64_t r = 0; r < rows; r += kTile)
    for (int64_t c = 0; c < columns; c += kTile) {
      const int64_t row = smaller(r, rows - kTile), column = smaller(c, columns - kTile);
      transpose_lines(from + row * from_row + column, from_row, kTile, kTile, tile, kTile + kGap);
      for (int64_t i = 0; i < kTile; ++i) {
        float* run = to + (column + i) * to_row + row;
        for (int64_t j = 0; j < kTile; j += kWidth) store(run + j, load(tile + i * (kTile + kGap) + j));
      }
    }
}

/// Runs of a number of whole registers and, when `rest` is set, one more that overlaps the one before.
template <int whole, bool rest>
void copy_vectors(const float* from, int64_t from_step, int64_t count, int64_t run, float* to,
                  int64_t to_step) {
  for (int64_t r = 0; r < count; ++r, from += from_step, to += to_step) {
#pragma GCC unroll 8
    for (int i = 0; i < whole; ++i) store(to + i * kWidth, load(from + i * kWidth));
    if constexpr (rest) store(to + run - kWidth, load(from + run - kWidth));
  }
}

/// Runs shorter than a register: single floats, or quads that may overlap.
template <int quads, int singles>
void copy_short(const float* from, int64_t from_step, int64_t count, int64_t run, float* to,
                int64_t to_step) {
  for (int64_t r = 0; r < count; ++r, from += from_step, to += to_step) {
    for (int i = 0; i < quads - 1; ++i)
      *reinterpret_cast<Quad*>(to + 4 * i) = *reinterpret_cast<const Quad*>(from + 4 * i);
    if constexpr (quads > 0)
      *reinterpret_cast<Quad*>(to + run - 4) = *reinterpret_cast<const Quad*>(from + run - 4);
    for (int i = 0; i < singles; ++i) to[i] = from[i];
  }
}

/// to[r * to_step + i] = from[r * from_step + i] for i < run.
void copy_runs(const float* from, int64_t from_step, int64_t count, int64_t run, float* to, int64_t to_step) {
  using Copy = void (*)(const float*, int64_t, int64_t, int64_t, float*, int64_t);
  constexpr Copy kShort[] = {copy_short<0, 0>, copy_short<0, 1>, copy_short<0, 2>, copy_short<0, 3>,
                             copy_short<1, 0>, copy_short<2, 0>, copy_short<3, 0>, copy_short<4, 0>};
  constexpr Copy kVectors[][2] = {{nullptr, nullptr},
                                  {copy_vectors<1, false>, copy_vectors<1, true>},
                                  {copy_vectors<2, false>, copy_vectors<2, true>},
                                  {copy_vectors<3, false>, copy_vectors<3, true>},
                                  {copy_vectors<4, false>, copy_vectors<4, true>}};
  if (run < kWidth)
    return kShort[run < 4 ? run : 3 + (run + 3) / 4](from, from_step, count, run, to, to_step);
  if (run <= 4 * kWidth)
    return kVectors[run / kWidth][run % kWidth != 0](from, from_step, count, run, to, to_step);
  for (int64_t r = 0; r < count; ++r, from += from_step, to += to_step)
    __builtin_memcpy(to, from, static_cast<uint64_t>(run) * 4);
}

#undef FOLIO_INLINE

}  // namespace transposition

void fill_transpose(folio::cpu::Functions& table) {
  table.transpose = transposition::transpose;
  table.copy_runs = transposition::copy_runs;
}

}  // namespace
