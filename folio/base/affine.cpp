#include "folio/base/affine.h"

#include <algorithm>
#include <cmath>

namespace folio {
namespace {

// Where a coordinate lies in a row of `length` pixels, from -1 to `length`; false: beyond the border.
bool bring_in(double& at, int64_t length, FillMode mode) {
  const auto last = static_cast<double>(length - 1);
  if (at >= 0 && at <= last) return true;
  if (mode == FillMode::constant) return false;
  if (mode == FillMode::nearest || length == 1) {
    at = at > 0 ? last : 0;
  } else if (mode == FillMode::wrap) {
    // Where the last pixel meets the first, one comes out from the left and the other from the right.
    at = at < 0 ? at + last * (std::trunc(-at / last) + 1) : at - last * std::trunc(at / last);
  } else {
    const auto period = static_cast<double>(2 * length);
    at -= period * std::floor(at / period);
    if (at >= static_cast<double>(length)) at = period - at - 1;
  }
  return true;
}

// Two neighbours along one side, and the share of the second.
struct Neighbours {
  int64_t first, second;
  double share;
  Neighbours(double at, int64_t length) {
    const auto below = static_cast<int64_t>(at + 1) - 1;  // rounds down from -1 on
    first = std::clamp<int64_t>(below, 0, length - 1);
    second = std::clamp<int64_t>(below + 1, 0, length - 1);
    share = at - static_cast<double>(below);
  }
};

// Moved by whole pixels: nothing is mixed, and what lies within the border is copied a row at a time.
template <class T>
void move(const T* from, const PictureSize3& size, const Matrix3& m, FillMode mode, float fill, float* to) {
  const int64_t channels = size.channels, stride = size.width * channels;
  const auto seen = [&](int64_t at, double offset, int64_t length) {  // -1: nothing
    double place = static_cast<double>(at) + offset;
    if (!bring_in(place, length, mode)) return int64_t{-1};
    return std::clamp<int64_t>(static_cast<int64_t>(place), 0, length - 1);
  };
  const auto width = static_cast<double>(size.width);
  const auto first = static_cast<int64_t>(std::clamp(-m[1][2], 0.0, width)),
             last = std::max(first, static_cast<int64_t>(std::clamp(width - m[1][2], 0.0, width)));
  for (int64_t row = 0; row < size.height; ++row, to += stride) {
    const int64_t y = seen(row, m[0][2], size.height);
    if (y < 0) {
      std::fill_n(to, stride, fill);
      continue;
    }
    const auto look = [&](int64_t column) {
      const int64_t x = seen(column, m[1][2], size.width);
      for (int64_t c = 0; c < channels; ++c)
        to[column * channels + c] = x < 0 ? fill : static_cast<float>(from[y * stride + x * channels + c]);
    };
    for (int64_t column = 0; column < first; ++column) look(column);
    if (first < last)
      std::copy_n(from + y * stride + (first + static_cast<int64_t>(m[1][2])) * channels,
                  (last - first) * channels, to + first * channels);
    for (int64_t column = last; column < size.width; ++column) look(column);
  }
}

bool moves_whole_pixels(const Matrix3& m) {
  return m[0][0] == 1 && m[0][1] == 0 && m[1][0] == 0 && m[1][1] == 1 && m[0][2] == std::floor(m[0][2]) &&
         m[1][2] == std::floor(m[1][2]);
}

// `kChannels`: 0 where only `size` tells.
template <int kChannels, class T>
void resample_channels(const T* from, const PictureSize3& size, const Matrix3& m, FillMode mode, float fill,
                       float* to) {
  const int64_t channels = kChannels > 0 ? kChannels : size.channels, stride = size.width * channels;
  for (int64_t row = 0; row < size.height; ++row)
    for (int64_t column = 0; column < size.width; ++column, to += channels) {
      // Summed in scipy's order: where the border is met exactly, the last bit decides.
      const auto r = static_cast<double>(row), c = static_cast<double>(column);
      double y = m[0][2] + r * m[0][0] + c * m[0][1], x = m[1][2] + r * m[1][0] + c * m[1][1];
      if (!bring_in(y, size.height, mode) || !bring_in(x, size.width, mode)) {
        std::fill_n(to, channels, fill);
        continue;
      }
      const Neighbours rows(y, size.height), columns(x, size.width);
      const T* above = from + rows.first * stride;
      const T* below = from + rows.second * stride;
      const int64_t left = columns.first * channels, right = columns.second * channels;
      const double a = (1 - rows.share) * (1 - columns.share), b = (1 - rows.share) * columns.share,
                   d = rows.share * (1 - columns.share), e = rows.share * columns.share;
      for (int64_t k = 0; k < channels; ++k)
        to[k] = static_cast<float>(above[left + k] * a + above[right + k] * b + below[left + k] * d +
                                   below[right + k] * e);
    }
}

}  // namespace

template <class T>
void resample(const T* from, const PictureSize3& size, const Matrix3& matrix, FillMode mode, float fill,
              float* to) {
  if (moves_whole_pixels(matrix))
    move(from, size, matrix, mode, fill, to);
  else if (size.channels == 1)
    resample_channels<1>(from, size, matrix, mode, fill, to);
  else if (size.channels == 3)
    resample_channels<3>(from, size, matrix, mode, fill, to);
  else
    resample_channels<0>(from, size, matrix, mode, fill, to);
}

template void resample(const uint8_t*, const PictureSize3&, const Matrix3&, FillMode, float, float*);
template void resample(const float*, const PictureSize3&, const Matrix3&, FillMode, float, float*);

}  // namespace folio
