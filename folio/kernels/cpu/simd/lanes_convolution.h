// Convolutions of 16 images at a time, one in each lane. No image ever meets another, so there is nothing to
// shuffle: both directions are register tiles of multiply-adds over whole vectors, as in a matrix product.
//
// Forward, a tile is some output channels x some neighbouring output pixels. For every tap (r, s, q) it loads
// the x of each pixel and broadcasts the weight of each channel. An output is one chain of additions in
// ascending order of (r, s, q), whatever tile it belongs to.
//
// For the gradient of the kernel, a tile is some taps x some output channels. At every place of y it loads
// the x of each tap and the dy of each channel. The lanes are added up at the end of a chunk of places.
//
// Registers narrower than 16 lanes take a tile in several parts.
#pragma once
#include "folio/kernels/cpu/functions.h"
#include "folio/kernels/cpu/simd/layout.h"
#include "folio/kernels/cpu/simd/vector.h"

namespace {
namespace convolution {

#define FOLIO_INLINE inline __attribute__((always_inline))

using folio::cpu::kLanes;
using folio::cpu::LanesConvolution;

constexpr int kParts = static_cast<int>(kLanes / kWidth);

/// How long the other side of a tile may be when one side is `side` long: the sums, the shorter side's
/// operands and one more operand have to fit into the registers.
#if defined(__AVX512F__)
constexpr int kMostSide = 8;
constexpr int longest(int side) { return side <= 3 ? 8 : side == 4 ? 6 : side == 5 ? 5 : side == 6 ? 4 : 3; }
#elif defined(__AVX2__)
constexpr int kMostSide = 6;
constexpr int longest(int side) { return side <= 2 ? 6 : side == 3 ? 4 : side == 4 ? 3 : 2; }
#else
constexpr int kMostSide = 4;
constexpr int longest(int side) { return side <= 2 ? 4 : side == 3 ? 3 : 2; }
#endif

FOLIO_INLINE int64_t smaller(int64_t a, int64_t b) { return a < b ? a : b; }
FOLIO_INLINE int64_t divide_up(int64_t a, int64_t b) { return (a + b - 1) / b; }
FOLIO_INLINE Vector broadcast(float x) { return x - Vector{}; }  // - 0 changes no value, + 0 would change -0

/// Into how many tiles to cut `rows` x `columns` of work; both are then split evenly.
struct Cut {
  int64_t rows, columns;
};

/// The cut with the fewest loads: every tile loads its rows and its columns.
Cut choose_cut(int64_t rows, int64_t columns) {
  Cut best{};
  int64_t least = 0;
  for (int side = 1; side <= kMostSide; ++side) {
    const Cut cut{divide_up(rows, side), divide_up(columns, longest(side))};
    const int64_t loads = rows * cut.columns + columns * cut.rows;
    if (best.rows == 0 || loads < least) best = cut, least = loads;
  }
  return best;
}

/// Fills table[a - 1][b - 1] with Kernel<a, b>::run for every size of tile.
template <template <int, int> class Kernel, class Table, int a = 1, int b = 1>
constexpr void fill_tiles(Table& table) {
  if constexpr (b <= longest(a)) {
    table.of[a - 1][b - 1] = Kernel<a, b>::run;
    fill_tiles<Kernel, Table, a, b + 1>(table);
  } else if constexpr (a < kMostSide) {
    fill_tiles<Kernel, Table, a + 1, 1>(table);
  }
}
template <template <int, int> class Kernel, class Function>
struct TileTable {
  Function of[kMostSide][kMostSide] = {};
  constexpr TileTable() { fill_tiles<Kernel>(*this); }
};

// ---- Forward

struct ForwardTile {
  const float* x;       // of the first tap and pixel
  const float* kernel;  // of the first tap and channel
  float* y;             // of the first pixel and channel
  int64_t pixel;        // floats of x from one output pixel to the next
  int64_t row, column;  // floats of x from one r to the next, and from the start of one run to the next
  int64_t rows, runs;   // a run is a stretch of taps whose x are adjacent
  int64_t run;          // taps
  int64_t k;
};

template <int channels, int pixels>
struct ForwardKernel {
  static void run(const ForwardTile& tile) {
    for (int part = 0; part < kParts; ++part) run_part(tile, part * kWidth);
  }

  static FOLIO_INLINE void run_part(const ForwardTile& tile, int64_t lane) {
    Vector sum[channels][pixels] = {};
    const float* kernel = tile.kernel;
    const int64_t pixel = tile.pixel, k = tile.k;
    for (int64_t r = 0; r < tile.rows; ++r) {
      for (int64_t s = 0; s < tile.runs; ++s) {
        const float* x = tile.x + lane + r * tile.row + s * tile.column;
        for (int64_t tap = tile.run; tap > 0; --tap) {
          step(sum, x, pixel, kernel);
          x += kLanes;
          kernel += k;
        }
      }
    }
#pragma GCC unroll 16
    for (int p = 0; p < pixels; ++p)
#pragma GCC unroll 16
      for (int o = 0; o < channels; ++o) store(tile.y + p * k * kLanes + o * kLanes + lane, sum[o][p]);
  }

  // The shorter side is held in registers, the longer one passes by.
  static FOLIO_INLINE void step(Vector (&sum)[channels][pixels], const float* x, int64_t pixel,
                                const float* kernel) {
    if constexpr (channels <= pixels) {
      Vector weight[channels];
#pragma GCC unroll 16
      for (int o = 0; o < channels; ++o) weight[o] = broadcast(kernel[o]);
#pragma GCC unroll 16
      for (int p = 0; p < pixels; ++p) {
        const Vector value = load(x + p * pixel);
#pragma GCC unroll 16
        for (int o = 0; o < channels; ++o) sum[o][p] += weight[o] * value;
      }
    } else {
      Vector value[pixels];
#pragma GCC unroll 16
      for (int p = 0; p < pixels; ++p) value[p] = load(x + p * pixel);
#pragma GCC unroll 16
      for (int o = 0; o < channels; ++o) {
        const Vector weight = broadcast(kernel[o]);
#pragma GCC unroll 16
        for (int p = 0; p < pixels; ++p) sum[o][p] += weight * value[p];
      }
    }
  }
};

constexpr TileTable<ForwardKernel, void (*)(const ForwardTile&)> kForwardTiles;

void forward(const LanesConvolution& shape, const float* x, const float* kernel, float* y) {
  if (shape.oh <= 0 || shape.ow <= 0 || shape.k <= 0) return;
  const Cut cut = choose_cut(shape.k, shape.ow);
  const bool dense = shape.dilation_w == 1;  // then a whole row of taps is one run
  const int64_t x_row = shape.w * shape.c * kLanes;
  ForwardTile tile{.x = nullptr,
                   .kernel = nullptr,
                   .y = nullptr,
                   .pixel = shape.stride_w * shape.c * kLanes,
                   .row = shape.dilation_h * x_row,
                   .column = shape.dilation_w * shape.c * kLanes,
                   .rows = shape.kh,
                   .runs = dense ? 1 : shape.kw,
                   .run = dense ? shape.kw * shape.c : shape.c,
                   .k = shape.k};
  for (int64_t i = 0; i < shape.oh; ++i) {
    for (int64_t block = 0, j = 0; block < cut.columns; ++block) {
      const int64_t next_j = shape.ow * (block + 1) / cut.columns;
      tile.x = x + i * shape.stride_h * x_row + j * tile.pixel;
      for (int64_t channels = 0, o = 0; channels < cut.rows; ++channels) {
        const int64_t next_o = shape.k * (channels + 1) / cut.rows;
        tile.kernel = kernel + o;
        tile.y = y + ((i * shape.ow + j) * shape.k + o) * kLanes;
        kForwardTiles.of[next_o - o - 1][next_j - j - 1](tile);
        o = next_o;
      }
      j = next_j;
    }
  }
}

// ---- Gradient of the kernel

struct GradientTile {
  const float* x[kMostSide];  // of each tap, at the first place
  const float* dy;            // [rows][columns][channels][lanes]
  int64_t rows, columns;      // places
  int64_t row, column;        // floats of x from one place to the next
};

/// Writes the sums of the lanes of four registers; the kWidth - 4 floats behind them are overwritten too.
FOLIO_INLINE void store_sums(float* to, Vector a, Vector b, Vector c, Vector d) {
  using layout::EveryLane;
  const Vector ab = layout::interleave_low(a, b, EveryLane{}) + layout::interleave_high(a, b, EveryLane{});
  const Vector cd = layout::interleave_low(c, d, EveryLane{}) + layout::interleave_high(c, d, EveryLane{});
  Vector sum = layout::first_halves<2>(ab, cd, EveryLane{}) + layout::second_halves<2>(ab, cd, EveryLane{});
  if constexpr (kWidth >= 16) sum += layout::second_halves<8>(sum, sum, EveryLane{});
  if constexpr (kWidth >= 8) sum += layout::second_halves<4>(sum, sum, EveryLane{});
  store(to, sum);
}

template <int taps, int channels>
struct GradientKernel {
  /// Writes `sums` [taps][channels], and up to a register more.
  static void run(const GradientTile& tile, float* sums) {
    constexpr int count = taps * channels;
    Vector sum[divide_up_constant(count, 4) * 4] = {};
    const float* x[taps];
#pragma GCC unroll 16
    for (int t = 0; t < taps; ++t) x[t] = tile.x[t];
    const float* dy = tile.dy;
    const int64_t columns = tile.columns, column = tile.column;
    for (int64_t i = 0; i < tile.rows; ++i) {
      int64_t offset = i * tile.row;
      for (int64_t j = 0; j < columns; ++j) {
#pragma GCC unroll 4
        for (int part = 0; part < kParts; ++part) step(sum, x, offset + part * kWidth, dy + part * kWidth);
        offset += column;
        dy += channels * kLanes;
      }
    }
#pragma GCC unroll 16
    for (int i = 0; i < count; i += 4) store_sums(sums + i, sum[i], sum[i + 1], sum[i + 2], sum[i + 3]);
  }

  static constexpr int divide_up_constant(int a, int b) { return (a + b - 1) / b; }

  // As in the forward tile: the shorter side is held in registers.
  template <int count>
  static FOLIO_INLINE void step(Vector (&sum)[count], const float* const (&x)[taps], int64_t offset,
                                const float* dy) {
    if constexpr (channels <= taps) {
      Vector gradient[channels];
#pragma GCC unroll 16
      for (int o = 0; o < channels; ++o) gradient[o] = load(dy + o * kLanes);
#pragma GCC unroll 16
      for (int t = 0; t < taps; ++t) {
        const Vector value = load(x[t] + offset);
#pragma GCC unroll 16
        for (int o = 0; o < channels; ++o) sum[t * channels + o] += value * gradient[o];
      }
    } else {
      Vector value[taps];
#pragma GCC unroll 16
      for (int t = 0; t < taps; ++t) value[t] = load(x[t] + offset);
#pragma GCC unroll 16
      for (int o = 0; o < channels; ++o) {
        const Vector gradient = load(dy + o * kLanes);
#pragma GCC unroll 16
        for (int t = 0; t < taps; ++t) sum[t * channels + o] += value[t] * gradient;
      }
    }
  }
};

constexpr TileTable<GradientKernel, void (*)(const GradientTile&, float*)> kGradientTiles;

/// Walks over the taps (r, s, q) in order; `offset` is where the x of the tap lies.
struct TapCursor {
  const LanesConvolution& shape;
  int64_t s = 0, q = 0, row = 0, column = 0, offset = 0;
  void next() {
    offset += kLanes;
    if (++q < shape.c) return;
    q = 0;
    column += shape.dilation_w * shape.c * kLanes;
    if (++s == shape.kw) {
      s = column = 0;
      row += shape.dilation_h * shape.w * shape.c * kLanes;
    }
    offset = row + column;
  }
};

// Places are taken in chunks of whole rows, or of a part of one long row, and the dy of a chunk and of one
// tile's channels is copied together. It is read again for every tile of taps, and a stream of adjacent
// memory comes fast even from the second cache; the original's places, often a power of two apart, evict each
// other. Larger chunks add up lanes less often, smaller ones stay nearer: 64 KiB was the best compromise
// measured.
constexpr int64_t kChunkFloats = 64 * 1024 / 4;

/// Copies `channels` adjacent channels, at `k` channels a place.
void copy_channels(const float* from, int64_t places, int64_t k, int64_t channels, float* to) {
  for (int64_t place = 0; place < places; ++place, from += k * kLanes)
    for (int64_t lane = 0; lane < channels * kLanes; lane += kWidth, to += kWidth)
      store(to, load(from + lane));
}

/// Adds the sums of all taps for `channels` channels from `o` on. The tile holds the places.
void add_taps(const LanesConvolution& shape, int64_t taps, int64_t tap_tiles, int64_t o, int64_t channels,
              const float* x, GradientTile& tile, float* dkernel) {
  float sums[kMostSide * kMostSide + kWidth];
  TapCursor cursor{.shape = shape};
  for (int64_t block = 0, tap = 0; block < tap_tiles; ++block) {
    const int64_t count = taps * (block + 1) / tap_tiles - tap;
    for (int64_t t = 0; t < count; ++t, cursor.next()) tile.x[t] = x + cursor.offset;
    kGradientTiles.of[count - 1][channels - 1](tile, sums);
    float* to = dkernel + tap * shape.k + o;
    for (int64_t t = 0; t < count; ++t)
      for (int64_t c = 0; c < channels; ++c) to[t * shape.k + c] += sums[t * channels + c];
    tap += count;
  }
}

void gradient(const LanesConvolution& shape, const float* x, const float* dy, float* dkernel) {
  const int64_t taps = shape.kh * shape.kw * shape.c, k = shape.k;
  if (shape.oh <= 0 || shape.ow <= 0 || taps <= 0 || k <= 0) return;
  const Cut cut = choose_cut(taps, k);
  alignas(64) float chunk[kChunkFloats];
  const int64_t most_places = kChunkFloats / (divide_up(k, cut.columns) * kLanes);
  const int64_t most_columns = smaller(most_places, shape.ow), most_rows = most_places / most_columns;
  GradientTile tile{};
  tile.column = shape.stride_w * shape.c * kLanes;
  tile.row = shape.stride_h * shape.w * shape.c * kLanes;
  for (int64_t i = 0; i < shape.oh; i += most_rows) {
    tile.rows = smaller(shape.oh - i, most_rows);
    for (int64_t j = 0; j < shape.ow; j += most_columns) {
      tile.columns = smaller(shape.ow - j, most_columns);
      for (int64_t block = 0, o = 0; block < cut.columns; ++block) {
        const int64_t channels = k * (block + 1) / cut.columns - o;
        const float* from = dy + ((i * shape.ow + j) * k + o) * kLanes;
        if (channels == k) {
          tile.dy = from;  // lies together already
        } else {
          for (int64_t row = 0; row < tile.rows; ++row)
            copy_channels(from + row * shape.ow * k * kLanes, tile.columns, k, channels,
                          chunk + row * tile.columns * channels * kLanes);
          tile.dy = chunk;
        }
        add_taps(shape, taps, cut.rows, o, channels, x + i * tile.row + j * tile.column, tile, dkernel);
        o += channels;
      }
    }
  }
}

#undef FOLIO_INLINE

}  // namespace convolution

void fill_lanes_convolution(folio::cpu::Functions& table) {
  table.lanes_convolution = convolution::forward;
  table.lanes_convolution_kernel_gradient = convolution::gradient;
}

}  // namespace
