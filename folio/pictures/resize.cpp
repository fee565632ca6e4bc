#include "folio/pictures/resize.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "folio/base/error.h"

namespace folio {
namespace {

// Where a pixel of the result lies between two of the picture.
struct Between {
  int64_t before, after;
  float share;  ///< of the one after
};

std::vector<Between> places(int64_t from, int64_t to) {
  std::vector<Between> result;
  const float step = static_cast<float>(from) / static_cast<float>(to);
  for (int64_t i = 0; i < to; ++i) {
    const float at = (static_cast<float>(i) + 0.5F) * step - 0.5F, below = std::floor(at);
    result.push_back({std::clamp<int64_t>(static_cast<int64_t>(below), 0, from - 1),
                      std::clamp<int64_t>(static_cast<int64_t>(std::ceil(at)), 0, from - 1), at - below});
  }
  return result;
}

template <class T>
void resize_into(const T* from, int64_t width, int64_t channels, const std::vector<Between>& rows,
                 const std::vector<Between>& columns, float* to) {
  const auto mix = [](float a, float b, float share) { return a + (b - a) * share; };
  for (const Between& y : rows)
    for (const Between& x : columns)
      for (int64_t c = 0; c < channels; ++c) {
        const auto at = [&](int64_t row, int64_t column) {
          return static_cast<float>(from[(row * width + column) * channels + c]);
        };
        *to++ = mix(mix(at(y.before, x.before), at(y.before, x.after), x.share),
                    mix(at(y.after, x.before), at(y.after, x.after), x.share), y.share);
      }
}

}  // namespace

Tensor resize(const Tensor& picture, int64_t height, int64_t width) {
  const Shape& shape = picture.shape();
  if (shape.rank() != 3 || shape.count() == 0 || height < 1 || width < 1)
    throw Error("resize: expected a picture (height, width, channels) and a size, got " + to_string(shape));
  Tensor result({height, width, shape[2]});
  const auto rows = places(shape[0], height), columns = places(shape[1], width);
  if (picture.dtype() == DType::uint8)
    resize_into(picture.data<uint8_t>(), shape[1], shape[2], rows, columns, result.data<float>());
  else
    resize_into(picture.data<float>(), shape[1], shape[2], rows, columns, result.data<float>());
  return result;
}

Tensor crop_to_aspect(const Tensor& picture, int64_t height, int64_t width) {
  const int64_t rows = picture.shape()[0], columns = picture.shape()[1], channels = picture.shape()[2];
  const int64_t kept_rows = std::clamp<int64_t>(columns * height / width, 1, rows),
                kept_columns = std::clamp<int64_t>(rows * width / height, 1, columns);
  if (kept_rows == rows && kept_columns == columns) return picture;
  const int64_t top = (rows - kept_rows) / 2, left = (columns - kept_columns) / 2;
  Tensor part({kept_rows, kept_columns, channels}, picture.dtype());
  const int64_t size = size_of(picture.dtype()) * channels;
  for (int64_t y = 0; y < kept_rows; ++y)
    std::copy_n(static_cast<const char*>(picture.raw()) + ((top + y) * columns + left) * size,
                kept_columns * size, static_cast<char*>(part.raw()) + y * kept_columns * size);
  return part;
}

Tensor rounded(const Tensor& picture) {
  if (picture.dtype() == DType::uint8) return picture;
  Tensor result(picture.shape(), DType::uint8);
  for (int64_t i = 0; i < picture.count(); ++i)
    result.data<uint8_t>()[i] =
        static_cast<uint8_t>(std::lround(std::clamp(picture.data<float>()[i], 0.0F, 255.0F)));
  return result;
}

}  // namespace folio
