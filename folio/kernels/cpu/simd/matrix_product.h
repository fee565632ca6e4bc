// Matrix products. C is computed in tiles of up to kTileRows x one panel (two registers) of columns: a tile's
// sums stay in registers while k runs, every step broadcasts one value of A per row and multiplies it with
// two registers of B.
//
// k is cut into blocks so that a panel of B and the rows of A that meet it stay in cache; every block starts
// its sums at 0 and adds them to C. Where the cuts are depends on k alone, and within a block each element of
// C is one chain of additions in ascending order of k, whatever tile it belongs to: so the bits of C do not
// depend on how many rows or columns are computed together.
#pragma once
#include "folio/kernels/cpu/functions.h"
#include "folio/kernels/cpu/simd/layout.h"
#include "folio/kernels/cpu/simd/vector.h"

namespace {
namespace product {

#define FOLIO_INLINE inline __attribute__((always_inline))

// As many sums as there are registers to hold them, next to two registers of B and one broadcast value of A.
#if defined(__AVX512F__)
constexpr int kTileRows = 14;
#elif defined(__AVX2__)
constexpr int kTileRows = 6;
#else
constexpr int kTileRows = 4;
#endif
constexpr int64_t kPanel = 2 * kWidth;
constexpr int64_t kDepth = 384;    // steps of k in a block, at most
constexpr int64_t kMostTiles = 8;  // below each other that meet a panel of B in turn

FOLIO_INLINE int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
FOLIO_INLINE int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }
// x - 0 is x for every x (x + 0 is not: -0 + 0 = 0), so this is a broadcast and nothing else.
FOLIO_INLINE Vector broadcast(float x) { return x - Vector{}; }
/// Columns that a panel takes when packed: whole registers.
FOLIO_INLINE int64_t packed_width(int64_t columns) { return columns > kWidth ? kPanel : kWidth; }
/// Columns that a whole matrix takes when packed.
FOLIO_INLINE int64_t packed_columns(int64_t n) {
  const int64_t whole = n / kPanel * kPanel;
  return whole + (whole < n ? packed_width(n - whole) : 0);
}
/// Steps of k in a block: equal blocks but for the last, of whole registers so that packing can transpose
/// them.
FOLIO_INLINE int64_t block_depth(int64_t k) {
  return k <= kDepth ? k : divide_up(divide_up(k, divide_up(k, kDepth)), 16) * 16;
}

struct Tile {
  int64_t rows;
  const float* a;
  int64_t a_row, a_column;
  const float* b;
  int64_t b_row;       // floats from one step of k to the next
  int64_t b_panel;     // floats from one panel to the next
  const float* ahead;  // memory to fetch meanwhile: a cache line every b_row floats
  float* c;
  int64_t c_row;
  int64_t depth;
  int64_t last_columns;  // columns in the last register, 1 to kWidth
  bool add;              // to C
};
using TileFunction = void (*)(const Tile&);

/// Writes the sums of a tile to C, or adds them; `whole` says that the last register is full.
template <bool whole, bool add, int rows, int width>
FOLIO_INLINE void write(const Tile& tile, const Vector (&sum)[rows][width]) {
  float* c = tile.c;
#pragma GCC unroll 16
  for (int i = 0; i < rows; ++i, c += tile.c_row) {
#pragma GCC unroll 8
    for (int v = 0; v < width; ++v) {
      float* place = c + v * kWidth;
      if (whole || v < width - 1)
        store(place, add ? load(place) + sum[i][v] : sum[i][v]);
      else
        store_some(place, add ? load_some(place, tile.last_columns) + sum[i][v] : sum[i][v],
                   tile.last_columns);
    }
  }
}

/// One tile of rows x (panels * vectors) registers. `adjacent` says that a_row is 1.
template <int rows, int panels, int vectors, bool adjacent>
void multiply_tile(const Tile& tile) {
  constexpr int width = panels * vectors;
  Vector sum[rows][width] = {};
  const float* a = tile.a;
  const float* b = tile.b;
  const float* ahead = tile.ahead;
  const int64_t a_row = adjacent ? 1 : tile.a_row, a_column = tile.a_column;
  const int64_t b_row = tile.b_row, b_panel = tile.b_panel;
  for (int64_t p = tile.depth; p > 0; --p) {
    if constexpr (panels == 1) __builtin_prefetch(ahead, 0, 2);
    Vector values[width];
#pragma GCC unroll 8
    for (int v = 0; v < width; ++v) values[v] = load(b + v / vectors * b_panel + v % vectors * kWidth);
#pragma GCC unroll 16
    for (int i = 0; i < rows; ++i) {
      const Vector factor = broadcast(a[i * a_row]);
#pragma GCC unroll 8
      for (int v = 0; v < width; ++v) sum[i][v] += factor * values[v];
    }
    a += a_column;
    b += b_row;
    ahead += b_row;
  }
  if (tile.last_columns == kWidth)
    tile.add ? write<true, true>(tile, sum) : write<true, false>(tile, sum);
  else
    tile.add ? write<false, true>(tile, sum) : write<false, false>(tile, sum);
}

// The instances of multiply_tile, by number of rows.
template <int vectors, bool adjacent, int rows, TileFunction... found>
struct TileTable
    : TileTable<vectors, adjacent, rows - 1, multiply_tile<rows, 1, vectors, adjacent>, found...> {};
template <int vectors, bool adjacent, TileFunction... found>
struct TileTable<vectors, adjacent, 0, found...> {
  static constexpr TileFunction of_rows[] = {found...};
};

// A few rows have too few sums to hide the latency of a multiply-add, so they take several panels at once.
constexpr int64_t kFewRows = 3;
FOLIO_INLINE int64_t panels_for_few(int64_t rows) { return rows == 1 ? 4 : 2; }

template <bool adjacent>
TileFunction find_tile(int64_t rows, int64_t panels, int64_t vectors) {
  if (panels > 1)
    return rows == 1   ? multiply_tile<1, 4, 2, adjacent>
           : rows == 2 ? multiply_tile<2, 2, 2, adjacent>
                       : multiply_tile<3, 2, 2, adjacent>;
  return vectors == 1 ? TileTable<1, adjacent, kTileRows>::of_rows[rows - 1]
                      : TileTable<2, adjacent, kTileRows>::of_rows[rows - 1];
}
TileFunction find_tile(bool adjacent, int64_t rows, int64_t panels, int64_t vectors) {
  return adjacent ? find_tile<true>(rows, panels, vectors) : find_tile<false>(rows, panels, vectors);
}

/// Copies rows x depth values of A so that the values of one step of k are adjacent, kWidth floats a step.
void copy_rows(const float* a, int64_t a_row, int64_t a_column, int64_t rows, int64_t depth, float* packed) {
  static_assert(kTileRows <= kWidth);
  if (a_column == 1) {
    for (int64_t p = 0; p < depth; p += kWidth)
      layout::transpose_to_registers(a + p, a_row, rows, smaller(depth - p, kWidth), packed + p * kWidth,
                                     kWidth);
  } else if (a_row == 1) {
    for (int64_t p = 0; p < depth; ++p, a += a_column)
      store(packed + p * kWidth, rows == kWidth ? load(a) : load_some(a, rows));
  } else {
    for (int64_t p = 0; p < depth; ++p)
      for (int64_t i = 0; i < rows; ++i) packed[p * kWidth + i] = a[p * a_column + i * a_row];
  }
}

/// Packs `columns` <= kPanel columns of B, filled up with zeros to whole registers.
void pack_panel(const float* b, int64_t row, int64_t column, int64_t depth, int64_t columns, float* packed) {
  const int64_t width = packed_width(columns);
  if (row == 1) {  // a transposed matrix
    for (int64_t first = 0; first < width; first += kWidth)
      for (int64_t p = 0; p < depth; p += kWidth)
        layout::transpose_to_registers(b + first * column + p, column, smaller(columns - first, kWidth),
                                       smaller(depth - p, kWidth), packed + p * width + first, width);
    return;
  }
  for (int64_t p = 0; p < depth; ++p, b += row, packed += width) {
    if (column == 1) {
      for (int64_t first = 0; first < width; first += kWidth) {
        const int64_t some = columns - first;
        store(packed + first, some >= kWidth ? load(b + first) : load_some(b + first, some));
      }
    } else {
      for (int64_t j = 0; j < width; ++j) packed[j] = j < columns ? b[j * column] : 0;
    }
  }
}

/// All columns of some tiles' rows, for steps [step, step + depth) of k. `narrow` holds the last panel of a
/// row-major B when that is not made of whole registers.
void multiply_columns(const folio::cpu::MatrixProduct& product, Tile* tiles, int64_t count, int64_t step,
                      const float* narrow) {
  const int64_t few = product.m <= kFewRows ? panels_for_few(product.m) : 1;
  for (int64_t left = product.n; left > 0;) {
    const int64_t columns = smaller(left, kPanel), width = packed_width(columns), column = product.n - left;
    const float* b = narrow;
    int64_t b_row = width, b_panel = kPanel * tiles[0].depth;
    if (product.b_packed) {
      b = product.b + step * packed_columns(product.n) + column * tiles[0].depth;
    } else if (columns % kWidth == 0) {
      b = product.b + column + step * product.b_row;
      b_row = product.b_row;
      b_panel = kPanel;
    }
    const int64_t panels = left >= few * kPanel ? few : 1;
    for (int64_t i = 0; i < count; ++i) {
      Tile& tile = tiles[i];
      tile.b = b;
      tile.b_row = b_row;
      tile.b_panel = b_panel;
      tile.last_columns = columns - (width - kWidth);
      // The first tiles fetch the next panel while they compute with this one; a packed matrix lies in one
      // stretch.
      tile.ahead =
          i < width / kWidth && (product.b_packed || left > 2 * kPanel) ? b + b_panel + i * kWidth : b;
      find_tile(tile.a_row == 1, tile.rows, panels, width / kWidth)(tile);
      tile.c += panels * kPanel;
    }
    left -= panels * kPanel;
  }
}

void multiply(const folio::cpu::MatrixProduct& product) {
  const int64_t m = product.m, n = product.n, k = product.k;
  if (m <= 0 || n <= 0) return;
  if (k <= 0) {
    if (product.accumulate) return;
    for (int64_t i = 0; i < m; ++i)
      for (int64_t j = 0; j < n; ++j) product.c[i * product.c_row + j] = 0;
    return;
  }
  alignas(64) float packed_a[kMostTiles][kDepth * kWidth];
  alignas(64) float narrow[kDepth * kPanel];
  Tile tiles[kMostTiles];
  const bool pack_a = n > 2 * kPanel && m > kFewRows;  // copying A pays when enough panels read the copy
  const int64_t most_depth = block_depth(k);
  const int64_t blocks = divide_up(m, kTileRows), rows = blocks == 1 ? m : m / blocks,
                longer_blocks = m - rows * blocks;
  const int64_t last_columns = (n - 1) % kPanel + 1;  // of the last panel
  for (int64_t step = 0; step < k; step += most_depth) {
    const int64_t depth = smaller(k - step, most_depth);
    if (!product.b_packed && last_columns % kWidth != 0)
      pack_panel(product.b + step * product.b_row + n - last_columns, product.b_row, 1, depth, last_columns,
                 narrow);
    for (int64_t block = 0, row = 0; block < blocks;) {
      int64_t count = 0;
      for (; count < kMostTiles && block < blocks; ++count, ++block) {
        Tile& tile = tiles[count];
        tile.rows = rows + (block < longer_blocks);
        tile.a = product.a + row * product.a_row + step * product.a_column;
        tile.a_row = product.a_row;
        tile.a_column = product.a_column;
        tile.c = product.c + row * product.c_row;
        tile.c_row = product.c_row;
        tile.depth = depth;
        tile.add = product.accumulate || step > 0;
        if (pack_a) {
          copy_rows(tile.a, tile.a_row, tile.a_column, tile.rows, depth, packed_a[count]);
          tile.a = packed_a[count];
          tile.a_row = 1;
          tile.a_column = kWidth;
        }
        row += tile.rows;
      }
      multiply_columns(product, tiles, count, step, narrow);
    }
  }
}

int64_t packed_size(int64_t k, int64_t n) { return k > 0 && n > 0 ? k * packed_columns(n) : 0; }

// Packed: block after block of k, in each panel after panel, in each step after step: just as a product reads
// it.

void pack(const float* b, int64_t row, int64_t column, int64_t k, int64_t n, int64_t first_panel,
          int64_t last_panel, float* packed) {
  const int64_t width = packed_columns(n), most_depth = block_depth(k),
                last = smaller(last_panel * kPanel, n);
  for (int64_t step = 0; step < k; step += most_depth) {
    const int64_t depth = smaller(k - step, most_depth);
    for (int64_t first = first_panel * kPanel; first < last; first += kPanel)
      pack_panel(b + first * column + step * row, row, column, depth, smaller(n - first, kPanel),
                 packed + step * width + first * depth);
  }
}

/// Rows [first, last) of B, one after the other.
void pack_some_rows(const float* rows, int64_t k, int64_t n, int64_t first, int64_t last, float* packed) {
  const int64_t width = packed_columns(n), most_depth = block_depth(k);
  for (int64_t next; first < last; rows += (next - first) * n, first = next) {
    const int64_t step = first / most_depth * most_depth, depth = smaller(k - step, most_depth);
    next = smaller(step + depth, last);
    for (int64_t column = 0; column < n; column += kPanel) {
      const int64_t columns = smaller(n - column, kPanel);
      pack_panel(rows + column, n, 1, next - first, columns,
                 packed + step * width + column * depth + (first - step) * packed_width(columns));
    }
  }
}

/// Columns [first, last) of B, one after the other.
void pack_some_columns(const float* columns, int64_t k, int64_t n, int64_t first, int64_t last,
                       float* packed) {
  const int64_t most_depth = block_depth(k);
  for (int64_t column = first; column < last; column += kWidth) {
    const int64_t panel = column / kPanel * kPanel, width = packed_width(smaller(n - panel, kPanel));
    const int64_t some = smaller(last - column, kWidth);
    for (int64_t step = 0; step < k; step += most_depth) {
      const int64_t depth = smaller(k - step, most_depth);
      float* to = packed + step * packed_columns(n) + panel * depth + column - panel;
      for (int64_t p = 0; p < depth; p += kWidth)
        layout::transpose_to_registers(columns + (column - first) * k + step + p, k, some,
                                       smaller(depth - p, kWidth), to + p * width, width);
    }
  }
}

void pack_rows(const float* rows, int64_t k, int64_t n, int64_t first, int64_t last, bool transposed,
               float* packed) {
  (transposed ? pack_some_columns : pack_some_rows)(rows, k, n, first, last, packed);
}

#undef FOLIO_INLINE

}  // namespace product

void fill_matrix_product(folio::cpu::Functions& table) {
  table.panel = product::kPanel;
  table.matrix_product = product::multiply;
  table.packed_size = product::packed_size;
  table.pack = product::pack;
  table.pack_rows = product::pack_rows;
}

}  // namespace
