// A picture seen through a 3 x 3 matrix: turned, sheared, zoomed, moved. (sheet F9)
#pragma once
#include <array>
#include <cstdint>

namespace folio {

/// Rows of a matrix that takes (row, column, 1) to (row, column, 1).
using Matrix3 = std::array<std::array<double, 3>, 3>;

/// What lies beyond the border of a picture abcd, as scipy.ndimage has it: nearest aaa|abcd|ddd,
/// constant kkk|abcd|kkk, reflect cba|abcd|dcb; wrap begins anew where the last pixel is the first again.
enum class FillMode { nearest, constant, reflect, wrap };

/// Memory of (height, width, channels).
struct PictureSize3 {
  int64_t height = 0, width = 0, channels = 0;
};

/// Each pixel of `to` at (row, column) becomes what `from`, of the same size, shows at matrix * (row, column,
/// 1), bilinear between the centres of pixels: scipy.ndimage.affine_transform of order 1. `fill` is what lies
/// beyond the border in mode constant. The matrix's last row is taken as (0, 0, 1); coordinates must stay
/// below 2^53.
template <class T>
void resample(const T* from, const PictureSize3& size, const Matrix3& matrix, FillMode mode, float fill,
              float* to);

}  // namespace folio
