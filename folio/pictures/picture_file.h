// Pictures in files: PNG and JPEG.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

#include "folio/tensor/tensor.h"

namespace folio {

struct PictureLimits {
  int64_t pixels = 64'000'000;  ///< more are refused before memory is taken
};

/// What a file says of itself, as people would see it: turned as its EXIF says.
struct PictureSize {
  int64_t height = 0, width = 0;
  int64_t channels = 0;  ///< 1: grey; 3: colour
};

/// uint8 (height, width, channels), red, green, blue, or one channel where the file is grey. PNG and JPEG of
/// every kind: palettes, 1 to 16 bits (scaled), interlaced, progressive, CMYK (inverted, as Adobe writes it).
/// Turned as EXIF says; what is transparent lies on white. Gamma and colour profiles are passed over, as in
/// most programs. The content decides the kind, not the ending. Throws `Error` for what is damaged, cut short
/// or too large.
Tensor read_picture(const std::string& path, const PictureLimits& limits = {});
/// The same of bytes; errors call them `name`.
Tensor decode_picture(std::span<const std::byte> bytes, const std::string& name,
                      const PictureLimits& limits = {});

/// Size and channels, from the head of the file alone.
PictureSize picture_size(const std::string& path, const PictureLimits& limits = {});

/// The same picture with 1 or 3 channels: grey stands in all three, colours become
/// 0.299 red + 0.587 green + 0.114 blue.
Tensor with_channels(const Tensor& picture, int64_t channels);

/// Writes uint8 (height, width, 1 or 3) as a PNG.
void write_png(const std::string& path, const Tensor& picture);

}  // namespace folio
