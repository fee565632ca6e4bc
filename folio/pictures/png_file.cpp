// PNG, by libpng. It leaves errors by longjmp: between setjmp and there nothing has a destructor.
#include <fmt/format.h>
#include <png.h>

#include <csetjmp>
#include <cstring>
#include <vector>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/pictures/decoders.h"

namespace folio {
namespace {

struct Reading {
  std::span<const std::byte> bytes;
  size_t at = 0;
  png_structp png = nullptr;
  png_infop info = nullptr;
  char message[200] = "";
  png_uint_32 width = 0, height = 0;
  int depth = 0, color = 0, channels = 0;

  explicit Reading(std::span<const std::byte> file) : bytes(file) {}
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() { png_destroy_read_struct(&png, &info, nullptr); }
};

void on_error(png_structp png, png_const_charp text) {
  auto* reading = static_cast<Reading*>(png_get_error_ptr(png));
  std::snprintf(reading->message, sizeof reading->message, "%s", text);
  png_longjmp(png, 1);
}

void on_warning(png_structp, png_const_charp) {}

void give(png_structp png, png_bytep to, size_t count) {
  auto* reading = static_cast<Reading*>(png_get_io_ptr(png));
  if (count > reading->bytes.size() - reading->at) png_error(png, "the file is cut short");
  std::memcpy(to, reading->bytes.data() + reading->at, count);
  reading->at += count;
}

bool read_head(Reading& r) {
  r.png = png_create_read_struct(PNG_LIBPNG_VER_STRING, &r, on_error, on_warning);
  if (!r.png) return false;
  r.info = png_create_info_struct(r.png);
  if (!r.info) return false;
  if (setjmp(png_jmpbuf(r.png))) return false;
  png_set_read_fn(r.png, &r, give);
  png_set_user_limits(r.png, 1'000'000, 1'000'000);
  png_set_chunk_malloc_max(r.png, 8'000'000);
  png_set_chunk_cache_max(r.png, 64);
  png_read_info(r.png, r.info);
  png_get_IHDR(r.png, r.info, &r.width, &r.height, &r.depth, &r.color, nullptr, nullptr, nullptr);
  return true;
}

// To 8 bits a channel, palettes to colours, what is transparent to a channel of its own.
bool ask_for_bytes(Reading& r) {
  if (setjmp(png_jmpbuf(r.png))) return false;
  png_set_expand(r.png);
  png_set_scale_16(r.png);
  png_set_interlace_handling(r.png);
  png_read_update_info(r.png, r.info);
  r.channels = png_get_channels(r.png, r.info);
  return true;
}

bool read_rows(Reading& r, png_bytepp rows) {
  if (setjmp(png_jmpbuf(r.png))) return false;
  png_read_image(r.png, rows);
  return true;
}

int orientation_of(Reading& r) {
  png_uint_32 count = 0;
  png_bytep exif = nullptr;
  if (!png_get_eXIf_1(r.png, r.info, &count, &exif) || !exif) return 1;
  return exif_orientation({reinterpret_cast<const std::byte*>(exif), count});
}

}  // namespace

DecodedPicture decode_png(std::span<const std::byte> bytes, const std::string& name,
                          const PictureLimits& limits, bool head) {
  Reading reading(bytes);
  const auto fail = [&] {
    throw Error(fmt::format("{}: expected a PNG picture, got one that is damaged ({})", name,
                            reading.message[0] ? reading.message : "no memory"));
  };
  if (!read_head(reading)) fail();
  const int64_t height = reading.height, width = reading.width;
  // A byte of deflate makes at most 1,032 bytes, in each of which are up to 8 pixels.
  check_picture_size(name, height, width, limits, static_cast<int64_t>(bytes.size()),
                     int64_t{1032} * 8 / reading.depth);
  DecodedPicture picture;
  const bool grey = !(reading.color & PNG_COLOR_MASK_COLOR);
  picture.size = {height, width, grey ? 1 : 3};
  picture.orientation = orientation_of(reading);
  if (head) return picture;
  if (!ask_for_bytes(reading)) fail();
  const int64_t channels = reading.channels;
  std::vector<uint8_t> pixels(static_cast<size_t>(height * width * channels));
  std::vector<png_bytep> rows;
  for (int64_t y = 0; y < height; ++y) rows.push_back(pixels.data() + y * width * channels);
  if (!read_rows(reading, rows.data())) fail();

  const int64_t kept = picture.size.channels;
  picture.pixels = Tensor({height, width, kept}, DType::uint8);
  auto* to = picture.pixels.data<uint8_t>();
  const bool alpha = channels > kept;
  for (int64_t i = 0; i < height * width; ++i) {
    const uint8_t* from = pixels.data() + i * channels;
    const int share = alpha ? from[kept] : 255;
    for (int64_t c = 0; c < kept; ++c)
      *to++ = static_cast<uint8_t>((from[c] * share + 255 * (255 - share) + 127) / 255);
  }
  return picture;
}

void write_png(const std::string& path, const Tensor& picture) {
  const Shape& shape = picture.shape();
  if (picture.dtype() != DType::uint8 || shape.rank() != 3 || (shape[2] != 1 && shape[2] != 3))
    throw Error(fmt::format("{}: expected uint8 (height, width, 1 or 3) to write, got {} {}", path,
                            to_string(picture.dtype()), to_string(shape)));
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  image.height = static_cast<png_uint_32>(shape[0]);
  image.width = static_cast<png_uint_32>(shape[1]);
  image.format = shape[2] == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  std::string file(size, '\0');
  if (png_image_write_to_memory(&image, file.data(), &size, 0, picture.raw(), 0, nullptr) == 0)
    throw InternalError(path + ": libpng: " + image.message);
  file.resize(size);
  write_file_atomically(path, file);
}

}  // namespace folio
