#include "folio/pictures/contact_sheet.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "folio/base/error.h"
#include "folio/pictures/picture_file.h"

namespace folio {

Tensor contact_sheet(const std::vector<Tensor>& lines) {
  constexpr int64_t kBorder = 2, kHigh = 56;
  if (lines.empty() || lines[0].shape().rank() != 4 || lines[0].empty())
    throw Error("contact sheet: expected lines of pictures (pictures, height, width, channels), got none");
  const Shape& first = lines[0].shape();
  const int64_t height = first[1], width = first[2], channels = first[3];
  int64_t columns = 0;
  for (const Tensor& line : lines) {
    if (line.dtype() != DType::uint8 || line.shape().rank() != 4 || line.shape().from(1) != first.from(1) ||
        (channels != 1 && channels != 3))
      throw Error(fmt::format("contact sheet: expected bytes of shape (pictures, {}, {}, 1 or 3), got {}",
                              height, width, to_string(line.shape())));
    columns = std::max(columns, line.shape()[0]);
  }
  const int64_t zoom = (kHigh + height - 1) / height;
  const int64_t tall = zoom * height + kBorder, wide = zoom * width + kBorder;
  const int64_t rows = static_cast<int64_t>(lines.size()) * tall + kBorder, across = columns * wide + kBorder;
  if (rows > PictureLimits().pixels / across)
    throw Error(fmt::format("contact sheet: expected at most {} pixels, got {} x {}; show fewer pictures",
                            PictureLimits().pixels, across, rows));
  Tensor sheet = Tensor::filled({rows, across, channels}, 255, DType::uint8);
  uint8_t* to = sheet.data<uint8_t>();
  for (size_t l = 0; l < lines.size(); ++l) {
    const uint8_t* from = lines[l].data<uint8_t>();
    for (int64_t p = 0; p < lines[l].shape()[0]; ++p)
      for (int64_t y = 0; y < zoom * height; ++y)
        for (int64_t x = 0; x < zoom * width; ++x) {
          const int64_t pixel = (p * height + y / zoom) * width + x / zoom;
          const int64_t row = static_cast<int64_t>(l) * tall + kBorder + y, column = p * wide + kBorder + x;
          std::copy_n(from + pixel * channels, channels, to + (row * across + column) * channels);
        }
  }
  return sheet;
}

Tensor as_bytes(const Tensor& pictures) {
  Tensor bytes(pictures.shape(), DType::uint8);
  for (int64_t i = 0; i < pictures.count(); ++i) {
    const double value = pictures.at(i);
    bytes.data<uint8_t>()[i] =
        std::isnan(value) ? 0 : static_cast<uint8_t>(std::lround(255 * std::clamp(value, 0.0, 1.0)));
  }
  return bytes;
}

}  // namespace folio
