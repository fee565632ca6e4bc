// The loops that depend on the instruction set, as one table of plain functions per set. They know raw memory
// only; what they compute is defined in ops/. All data is float32 and need not be aligned beyond 4 bytes
// unless said.
//
// Two memory layouts occur. *Plain* is row-major: rows (batch) outermost, channels innermost. *Lanes* holds
// the rows in groups of 16, which become the innermost dimension: element (row, feature) of a tensor with F
// features a row lies at
// ((row / 16) * F + feature) * 16 + row % 16. Convolutions with few channels run in it, one image a vector
// lane.
#pragma once
#include <cstdint>

#include "folio/kernels/cpu/isa.h"

namespace folio::cpu {

inline constexpr int64_t kLanes = 16;

/// C = A·B, or C += A·B when `accumulate`. A is m x k with any strides, C is m x n row-major.
/// The order of summation of an element depends on k alone: never on m, n or where the element lies in a
/// block of rows.
struct MatrixProduct {
  const float* a;
  int64_t a_row, a_column;  ///< element (i, p) of A is a[i * a_row + p * a_column]
  const float* b;  ///< packed by `pack` (then b_row is ignored), or row-major: (p, j) is b[p * b_row + j]
  int64_t b_row;
  bool b_packed;
  float* c;
  int64_t c_row;
  int64_t m, n, k;
  bool accumulate;
};

/// A 2-D convolution (cross-correlation) in the lanes layout for one group of 16 images. x is [h][w][c][16],
/// already padded; y is [oh][ow][k][16]; the kernel is plain, [kh][kw][c][k], as Keras stores it. y[i][j][o]
/// = sum over r, s, q of x[i * stride_h + r * dilation_h][j * stride_w + s * dilation_w][q] *
/// kernel[r][s][q][o]
struct LanesConvolution {
  int64_t h, w, c, oh, ow, k, kh, kw, stride_h, stride_w, dilation_h, dilation_w;
};

/// A 2-D convolution of every channel by a kernel of its own, [kh][kw][c]: images of h x w x c become oh x ow
/// x c.
struct DepthwiseConvolution {
  int64_t h, w, c, oh, ow, kh, kw, stride_h, stride_w, dilation_h, dilation_w, pad_top, pad_left;
};

/// Pooling of `rows` images of h x w x c into oh x ow x c. Windows may reach over the border: cells outside
/// do not count (maximum) or are left out of the mean (average). In the lanes layout the same fields describe
/// one group of 16 images.
struct Pooling {
  int64_t h, w, c, oh, ow, size_h, size_w, stride_h, stride_w, pad_top, pad_left;
};

/// Element by element operations: dst[i] = f(a[i], b[i], c[i]) for i < n.
enum class Code : uint8_t {
  // of a
  copy,
  negate,
  absolute,
  sign,
  square,
  square_root,
  reciprocal_square_root,
  reciprocal,
  exponential,
  exponential_minus_one,
  logarithm,
  logarithm_one_plus,
  sine,
  cosine,
  tanh,
  sigmoid,
  erf,
  relu,
  softplus,
  floor,
  round,
  // of a and b
  add,
  subtract,
  multiply,
  divide,
  maximum,
  minimum,
  power,
  less,
  less_equal,
  greater,
  greater_equal,
  equal,
  not_equal,
  relu_up_to,
  // of a, b and c: select is a ? b : c (a counts as true when it is not 0); multiply_add is a * b + c;
  // approach is
  // (b - a) * c + a; over_root is a / (sqrt(b) + c)
  select,
  multiply_add,
  approach,
  over_root,
  count_
};

/// Reads n elements per operand; an operand whose bit is set in the mode is a single value (bit 0: a, 1: b,
/// 2: c). dst may be the same memory as an operand, never a shifted part of it.
using BlockFunction = void (*)(float* dst, const float* a, const float* b, const float* c, int64_t n);

/// The same for rows that may lie apart: element (r, i) of an operand is at[r * row + i]; a single value of
/// each row is at[r * row].
struct BlockRows {
  struct Operand {
    const float* at;
    int64_t row;
  };
  float* dst;
  int64_t dst_row;
  Operand a, b, c;  ///< null where the operation has fewer
  int64_t rows, n;
};

/// The key of a random stream: see base/random.h.
struct StreamKey {
  uint32_t key0, key1;  ///< seed
  uint32_t site, step;  ///< which call in the model; which training step
};

struct Functions {
  Isa isa;
  int64_t panel;  ///< columns of a packed panel of B

  // Matrix products.
  void (*matrix_product)(const MatrixProduct&);
  /// Floats that a packed k x n matrix takes.
  int64_t (*packed_size)(int64_t k, int64_t n);
  /// Packs columns [first_panel * panel, last_panel * panel) of B; (p, j) of B is b[p * row + j * column].
  /// `packed` is the start of the whole packed matrix, so that panels can be packed by several threads.
  void (*pack)(const float* b, int64_t row, int64_t column, int64_t k, int64_t n, int64_t first_panel,
               int64_t last_panel, float* packed);

  /// The same for rows [first, last) of B; `rows` is row `first`. `transposed`: for columns [first, last), of
  /// which `rows` holds one after the other; both must then be multiples of 16, or `last` be n.
  void (*pack_rows)(const float* rows, int64_t k, int64_t n, int64_t first, int64_t last, bool transposed,
                    float* packed);

  // Convolutions in the lanes layout, one group of 16 images. `gradient` adds into dkernel [kh][kw][c][k].
  void (*lanes_convolution)(const LanesConvolution&, const float* x, const float* kernel, float* y);
  void (*lanes_convolution_kernel_gradient)(const LanesConvolution&, const float* x, const float* dy,
                                            float* dkernel);

  // Convolutions of every channel by itself, of images in the plain layout: cells [first, last) of all, with
  // y at the first of them. The gradients of `rows` images write all of their results; that of the kernel
  // sums over all images, for channels [first, last) only.
  void (*depthwise)(const DepthwiseConvolution&, int64_t first, int64_t last, const float* x,
                    const float* kernel, float* y);
  void (*depthwise_input_gradient)(const DepthwiseConvolution&, int64_t rows, const float* dy,
                                   const float* kernel, float* dx);
  void (*depthwise_kernel_gradient)(const DepthwiseConvolution&, int64_t rows, int64_t first, int64_t last,
                                    const float* x, const float* dy, float* dkernel);

  // Layout changes of `rows` <= 16 rows of `features` each; lanes beyond `rows` are written as 0.
  void (*to_lanes)(const float* plain, int64_t rows, int64_t features, float* lanes);
  void (*from_lanes)(const float* lanes, int64_t rows, int64_t features, float* plain);

  /// Transposes a matrix: to[c * to_row + r] = from[r * from_row + c]. Anything of 4 bytes may pass for a
  /// float.
  void (*transpose)(const float* from, int64_t from_row, int64_t rows, int64_t columns, float* to,
                    int64_t to_row);
  /// Copies `count` runs: to[r * to_step + i] = from[r * from_step + i] for i < run.
  void (*copy_runs)(const float* from, int64_t from_step, int64_t count, int64_t run, float* to,
                    int64_t to_step);

  // Pooling. `argmax` holds, for every output, the place of the first maximum in its window: row * size_w +
  // column; it may be null. NaN wins a maximum. `..._gradient` writes all of dx (cells that no window reaches
  // get 0). The lanes forms work on one group of 16 images, the plain forms on `rows` images.
  void (*max_pool)(const Pooling&, int64_t rows, const float* x, float* y, uint8_t* argmax);
  void (*max_pool_gradient)(const Pooling&, int64_t rows, const uint8_t* argmax, const float* dy, float* dx);
  void (*average_pool)(const Pooling&, int64_t rows, const float* x, float* y);
  void (*average_pool_gradient)(const Pooling&, int64_t rows, const float* dy, float* dx);
  void (*lanes_max_pool)(const Pooling&, const float* x, float* y, uint8_t* argmax);
  void (*lanes_max_pool_gradient)(const Pooling&, const uint8_t* argmax, const float* dy, float* dx);
  void (*lanes_average_pool)(const Pooling&, const float* x, float* y);
  void (*lanes_average_pool_gradient)(const Pooling&, const float* dy, float* dx);

  // Element by element: block[code][mode].
  BlockFunction block[static_cast<int>(Code::count_)][8];
  void (*block_rows[static_cast<int>(Code::count_)][8])(const BlockRows&);

  // Rows. softmax and log_softmax subtract the row's maximum first.
  void (*softmax)(const float* x, int64_t rows, int64_t columns, float* y);
  void (*log_softmax)(const float* x, int64_t rows, int64_t columns, float* y);
  /// dx = y * (dy - sum over columns of dy * y).
  void (*softmax_gradient)(const float* dy, const float* y, int64_t rows, int64_t columns, float* dx);
  /// y[r] = sum over columns of x[r][c], and the largest of them.
  void (*row_sums)(const float* x, int64_t rows, int64_t columns, float* y);
  void (*row_maxima)(const float* x, int64_t rows, int64_t columns, float* y);
  /// y[c] += sum over rows of x[r][c], rows added in ascending order.
  void (*column_sums)(const float* x, int64_t rows, int64_t columns, float* y);
  /// y[c] = the largest of x[r][c] over one or more rows.
  void (*column_maxima)(const float* x, int64_t rows, int64_t columns, float* y);
  /// y[c] += sum over places and lanes of x[place][c][lane] (one or more groups of 16 rows, places counted
  /// over all).
  void (*lanes_column_sums)(const float* x, int64_t places, int64_t columns, float* y);

  /// dst = x * mask / (1 - rate): element (row, feature) is kept when the random word of (key, row, feature)
  /// is at least rate * 2^32. Covers `rows` rows from `first_row`, features [first_feature, first_feature +
  /// features) of each row; plain memory: row r starts at x + r * row_stride. The lanes form works on one
  /// group: first_row is its first row.
  void (*dropout)(const StreamKey&, float rate, int64_t first_row, int64_t rows, int64_t first_feature,
                  int64_t features, int64_t row_stride, const float* x, float* dst);
  void (*lanes_dropout)(const StreamKey&, float rate, int64_t first_row, int64_t first_feature,
                        int64_t features, const float* x, float* dst);
};

/// The table of the active instruction set.
const Functions& functions();
/// The table of a given set, for tests; it must be available.
const Functions& functions(Isa isa);

}  // namespace folio::cpu
