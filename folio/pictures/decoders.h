// The decoders behind `decode_picture`.
#pragma once
#include <cstddef>
#include <span>
#include <string>

#include "folio/pictures/picture_file.h"

namespace folio {

/// What a decoder found: pixels as stored, and how they are to be turned (1 to 8, as EXIF numbers it).
struct DecodedPicture {
  PictureSize size;  ///< as stored
  int orientation = 1;
  Tensor pixels;  ///< undefined memory when only the head was asked for
};

/// `head`: size and orientation alone. Throw `Error`.
DecodedPicture decode_png(std::span<const std::byte> bytes, const std::string& name,
                          const PictureLimits& limits, bool head);
DecodedPicture decode_jpeg(std::span<const std::byte> bytes, const std::string& name,
                           const PictureLimits& limits, bool head);

/// Throws `Error` for sizes that are refused: too many pixels, or more than `bytes` bytes of file can hold at
/// `most_per_byte` pixels each.
void check_picture_size(const std::string& name, int64_t height, int64_t width, const PictureLimits& limits,
                        int64_t bytes, int64_t most_per_byte);

/// The orientation in a block of EXIF (which begins with its TIFF header), 1 when it has none that makes
/// sense.
int exif_orientation(std::span<const std::byte> tiff);

}  // namespace folio
