#include "folio/pictures/contact_sheet.h"

#include <algorithm>
#include <cmath>

#include "folio/base/error.h"
#include "folio/pictures/picture_file.h"
#include "folio/pictures/resize.h"

namespace folio {
namespace {

constexpr int64_t kGap = 4;

// As large as fits, of 3 channels.
Tensor fitted(const Tensor& picture, int64_t tile) {
  const Tensor colours = with_channels(rounded(picture), 3);
  const int64_t height = colours.shape()[0], width = colours.shape()[1], side = std::max(height, width);
  if (side > tile)
    return rounded(resize(colours, std::max<int64_t>(1, height * tile / side),
                          std::max<int64_t>(1, width * tile / side)));
  const int64_t times = tile / side;
  Tensor result({height * times, width * times, 3}, DType::uint8);
  uint8_t* to = result.data<uint8_t>();
  for (int64_t y = 0; y < height * times; ++y)
    for (int64_t x = 0; x < width * times; ++x, to += 3)
      std::copy_n(colours.data<uint8_t>() + (y / times * width + x / times) * 3, 3, to);
  return result;
}

}  // namespace

Tensor contact_sheet(const std::vector<std::vector<Tensor>>& rows, int64_t tile) {
  size_t columns = 0;
  for (const auto& row : rows) columns = std::max(columns, row.size());
  const auto down = static_cast<int64_t>(rows.size()), across = static_cast<int64_t>(columns);
  if (columns == 0 || tile < 1) throw Error("contact_sheet: expected pictures, got none");
  if (down * across > PictureLimits().pixels / ((tile + kGap) * (tile + kGap)))
    throw Error("contact_sheet: expected fewer or smaller pictures, got " + std::to_string(down * across) +
                " of " + std::to_string(tile) + " pixels");
  const int64_t step = tile + kGap;
  Tensor sheet = Tensor::filled({down * step + kGap, across * step + kGap, 3}, 255, DType::uint8);
  for (int64_t r = 0; r < down; ++r)
    for (int64_t c = 0; c < static_cast<int64_t>(rows[static_cast<size_t>(r)].size()); ++c) {
      const Tensor picture = fitted(rows[static_cast<size_t>(r)][static_cast<size_t>(c)], tile);
      const int64_t height = picture.shape()[0], width = picture.shape()[1];
      const int64_t top = kGap + r * step + (tile - height) / 2, left = kGap + c * step + (tile - width) / 2;
      for (int64_t y = 0; y < height; ++y)
        std::copy_n(picture.data<uint8_t>() + y * width * 3, width * 3,
                    sheet.data<uint8_t>() + ((top + y) * sheet.shape()[1] + left) * 3);
    }
  return sheet;
}

std::vector<Tensor> pictures_of(const Tensor& batch) {
  std::vector<Tensor> pictures;
  for (int64_t i = 0; i < batch.shape()[0]; ++i)
    pictures.push_back(batch.rows(i, i + 1).reshaped(batch.shape().from(1)));
  return pictures;
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
