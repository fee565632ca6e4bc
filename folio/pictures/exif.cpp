// The one thing of EXIF that pictures need: which way is up.
#include "folio/pictures/decoders.h"

namespace folio {

int exif_orientation(std::span<const std::byte> tiff) {
  constexpr int kUpright = 1, kOrientation = 0x0112, kShort = 3;
  if (tiff.size() < 8) return kUpright;
  const auto byte = [&](size_t at) { return std::to_integer<uint32_t>(tiff[at]); };
  const bool little = byte(0) == 'I' && byte(1) == 'I', big = byte(0) == 'M' && byte(1) == 'M';
  if (!little && !big) return kUpright;
  const auto two = [&](size_t at) {
    return little ? byte(at) | byte(at + 1) << 8 : byte(at) << 8 | byte(at + 1);
  };
  const auto four = [&](size_t at) {
    return little ? two(at) | two(at + 2) << 16 : two(at) << 16 | two(at + 2);
  };
  if (two(2) != 42) return kUpright;
  const size_t directory = four(4);
  if (directory > tiff.size() - 2) return kUpright;
  const size_t entries = two(directory);
  for (size_t i = 0; i < entries; ++i) {
    const size_t at = directory + 2 + 12 * i;
    if (at + 12 > tiff.size()) return kUpright;
    if (two(at) != kOrientation) continue;
    const uint32_t value = two(at + 2) == kShort && four(at + 4) == 1 ? two(at + 8) : 0;
    return value >= 1 && value <= 8 ? static_cast<int>(value) : kUpright;
  }
  return kUpright;
}

}  // namespace folio
