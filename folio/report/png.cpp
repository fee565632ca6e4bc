#include "folio/report/png.h"

#include <png.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "folio/base/bytes.h"
#include "folio/base/error.h"

namespace folio {
namespace {

constexpr std::string_view kHead = "data:image/png;base64,", kSvgHead = "data:image/svg+xml;base64,";
constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

std::vector<uint8_t> pixels_of(const Tensor& picture) {
  std::vector<uint8_t> pixels(static_cast<size_t>(picture.count()));
  if (picture.dtype() == DType::uint8) {
    std::copy_n(picture.data<uint8_t>(), pixels.size(), pixels.begin());
    return pixels;
  }
  double low = INFINITY, high = -INFINITY;
  for (int64_t i = 0; i < picture.count(); ++i)
    if (std::isfinite(picture.at(i)))
      low = std::min(low, picture.at(i)), high = std::max(high, picture.at(i));
  for (int64_t i = 0; i < picture.count(); ++i) {
    const double share = high > low ? (picture.at(i) - low) / (high - low) : 0.5;
    pixels[static_cast<size_t>(i)] =
        std::isfinite(share) ? static_cast<uint8_t>(std::lround(255 * share)) : 0;
  }
  return pixels;
}

}  // namespace

bool is_picture(const Shape& shape) {
  const int rank = static_cast<int>(shape.rank());
  if (rank != 2 && rank != 3) return false;
  const bool channels = rank == 2 || shape[2] == 1 || shape[2] == 3;
  return channels && shape[0] >= 8 && shape[1] >= 8 && shape[0] <= 512 && shape[1] <= 512;
}

std::string png_uri(const Tensor& picture) {
  constexpr int64_t kMost = 16384;
  const Shape& shape = picture.shape();
  const bool flat = shape.rank() == 2 || (shape.rank() == 3 && (shape[2] == 1 || shape[2] == 3));
  if (!flat || picture.empty() || shape[0] > kMost || shape[1] > kMost)
    throw Error(
        "picture: expected shape (height, width), (height, width, 1) or (height, width, 3) of at most "
        "16384 pixels each way, got " +
        to_string(shape));
  const std::vector<uint8_t> pixels = pixels_of(picture);
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.height = static_cast<png_uint_32>(picture.shape()[0]);
  image.width = static_cast<png_uint_32>(picture.shape()[1]);
  image.format = picture.shape().rank() == 3 && picture.shape()[2] == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::vector<std::byte> file(size);
  if (png_image_write_to_memory(&image, file.data(), &size, 0, pixels.data(), 0, nullptr) == 0)
    throw InternalError(std::string("picture: libpng: ") + image.message);
  return std::string(kHead) + base64(std::span(file).first(size));
}

std::string base64(std::span<const std::byte> bytes) {
  std::string text;
  for (size_t i = 0; i < bytes.size(); i += 3) {
    uint32_t word = 0;
    const size_t count = std::min<size_t>(3, bytes.size() - i);
    for (size_t b = 0; b < 3; ++b)
      word = word << 8 | (b < count ? std::to_integer<uint32_t>(bytes[i + b]) : 0);
    for (size_t c = 0; c < 4; ++c) text += c <= count ? kLetters[word >> (18 - 6 * c) & 63] : '=';
  }
  return text;
}

std::string svg_uri(const std::string& svg) { return std::string(kSvgHead) + base64(bytes_of(svg)); }

static bool is_uri(const std::string& uri, std::string_view head) {
  return uri.starts_with(head) &&
         uri.find_first_not_of(std::string(kLetters) + "=", head.size()) == uri.npos;
}

bool is_png_uri(const std::string& uri) { return is_uri(uri, kHead); }
bool is_picture_uri(const std::string& uri) { return is_uri(uri, kHead) || is_uri(uri, kSvgHead); }

}  // namespace folio
