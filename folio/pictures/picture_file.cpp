#include "folio/pictures/picture_file.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/pictures/decoders.h"

namespace folio {
namespace {

constexpr uint64_t kLargestFile = 256 << 20;

// EXIF's eight: 1 upright, 2 mirrored, 3 by 180, 4 upside down, 5 to 8 with rows for columns.
Tensor turned(const Tensor& stored, int orientation) {
  if (orientation == 1) return stored;
  const int64_t height = stored.shape()[0], width = stored.shape()[1], channels = stored.shape()[2];
  const bool swapped = orientation >= 5;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const bool from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  Tensor upright(swapped ? Shape{width, height, channels} : Shape{height, width, channels}, DType::uint8);
  auto* to = upright.data<uint8_t>();
  const auto* from = stored.data<uint8_t>();
  for (int64_t y = 0; y < upright.shape()[0]; ++y)
    for (int64_t x = 0; x < upright.shape()[1]; ++x) {
      int64_t row = swapped ? x : y, column = swapped ? y : x;
      if (from_below) row = height - 1 - row;
      if (from_right) column = width - 1 - column;
      for (int64_t c = 0; c < channels; ++c) *to++ = from[(row * width + column) * channels + c];
    }
  return upright;
}

DecodedPicture decode(std::span<const std::byte> bytes, const std::string& name, const PictureLimits& limits,
                      bool head) {
  const auto begins = [&](std::initializer_list<int> start) {
    return bytes.size() >= start.size() &&
           std::equal(start.begin(), start.end(), bytes.begin(),
                      [](int a, std::byte b) { return a == std::to_integer<int>(b); });
  };
  if (begins({0x89, 'P', 'N', 'G', '\r', '\n', 0x1a, '\n'})) return decode_png(bytes, name, limits, head);
  if (begins({0xff, 0xd8, 0xff})) return decode_jpeg(bytes, name, limits, head);
  throw Error(fmt::format("{}: expected a PNG or JPEG picture, got {}", name,
                          bytes.empty() ? "an empty file" : "another kind of file"));
}

}  // namespace

void check_picture_size(const std::string& name, int64_t height, int64_t width, const PictureLimits& limits,
                        int64_t bytes, int64_t most_per_byte) {
  if (height < 1 || width < 1 || height > limits.pixels / width)
    throw Error(fmt::format("{}: expected a picture of at most {} pixels, got {} x {}; make it smaller", name,
                            limits.pixels, width, height));
  if (height * width / most_per_byte > bytes)
    throw Error(
        fmt::format("{}: expected no more pixels than its {} bytes can hold, got {} x {}; the file "
                    "is damaged",
                    name, bytes, width, height));
}

Tensor decode_picture(std::span<const std::byte> bytes, const std::string& name,
                      const PictureLimits& limits) {
  const DecodedPicture picture = decode(bytes, name, limits, false);
  return turned(picture.pixels, picture.orientation);
}

Tensor read_picture(const std::string& path, const PictureLimits& limits) {
  return decode_picture(read_file(path, kLargestFile), path, limits);
}

PictureSize picture_size(const std::string& path, const PictureLimits& limits) {
  const DecodedPicture picture = decode(read_file(path, kLargestFile), path, limits, true);
  PictureSize size = picture.size;
  if (picture.orientation >= 5) std::swap(size.height, size.width);
  return size;
}

Tensor with_channels(const Tensor& picture, int64_t channels) {
  const int64_t height = picture.shape()[0], width = picture.shape()[1], present = picture.shape()[2];
  if (present == channels) return picture;
  Tensor result({height, width, channels}, DType::uint8);
  const auto* from = picture.data<uint8_t>();
  auto* to = result.data<uint8_t>();
  for (int64_t i = 0; i < height * width; ++i)
    if (channels == 3)
      for (int c = 0; c < 3; ++c) *to++ = from[i];
    else
      *to++ =
          static_cast<uint8_t>(0.299 * from[3 * i] + 0.587 * from[3 * i + 1] + 0.114 * from[3 * i + 2] + 0.5);
  return result;
}

}  // namespace folio
