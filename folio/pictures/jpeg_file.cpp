// JPEG, by libjpeg-turbo. It leaves errors by longjmp: between setjmp and there nothing has a destructor.
#include <cstdio>  // before jpeglib.h, which needs it

#include <fmt/format.h>
#include <jerror.h>
#include <jpeglib.h>

#include <csetjmp>
#include <cstring>
#include <vector>

#include "folio/base/error.h"
#include "folio/pictures/decoders.h"

namespace folio {
namespace {

constexpr int kMostScans = 200;  ///< a small progressive file may ask for the same work over and over

struct Reading {
  jpeg_decompress_struct jpeg{};
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  jmp_buf leave;
  char message[JMSG_LENGTH_MAX] = "";
  bool cut_short = false;
  bool made = false;

  Reading() = default;
  Reading(const Reading&) = delete;
  Reading& operator=(const Reading&) = delete;
  ~Reading() {
    if (made) jpeg_destroy_decompress(&jpeg);
  }
};

Reading& reading_of(j_common_ptr jpeg) { return *static_cast<Reading*>(jpeg->client_data); }

void on_error(j_common_ptr jpeg) {
  Reading& reading = reading_of(jpeg);
  jpeg->err->format_message(jpeg, reading.message);
  std::longjmp(reading.leave, 1);
}

// Warnings are negative levels. Of most a picture comes out as it was; not of these.
void on_message(j_common_ptr jpeg, int level) {
  const int code = jpeg->err->msg_code;
  if (level < 0 && (code == JWRN_JPEG_EOF || code == JWRN_HIT_MARKER)) reading_of(jpeg).cut_short = true;
}

void on_progress(j_common_ptr jpeg) {
  if (reinterpret_cast<j_decompress_ptr>(jpeg)->input_scan_number <= kMostScans) return;
  std::snprintf(reading_of(jpeg).message, JMSG_LENGTH_MAX, "too many scans");
  std::longjmp(reading_of(jpeg).leave, 1);
}

bool read_head(Reading& r, const unsigned char* bytes, unsigned long size) {
  r.jpeg.err = jpeg_std_error(&r.errors);
  r.errors.error_exit = on_error;
  r.errors.emit_message = on_message;
  r.jpeg.client_data = &r;
  if (setjmp(r.leave)) return false;
  jpeg_create_decompress(&r.jpeg);
  r.made = true;
  r.progress.progress_monitor = on_progress;
  r.jpeg.progress = &r.progress;
  jpeg_mem_src(&r.jpeg, bytes, size);
  jpeg_save_markers(&r.jpeg, JPEG_APP0 + 1, 0xFFFF);
  jpeg_read_header(&r.jpeg, TRUE);
  return true;
}

bool read_rows(Reading& r, unsigned char* pixels) {
  if (setjmp(r.leave)) return false;
  jpeg_start_decompress(&r.jpeg);
  while (r.jpeg.output_scanline < r.jpeg.output_height) {
    unsigned char* row = pixels + static_cast<size_t>(r.jpeg.output_scanline) * r.jpeg.output_width *
                                      static_cast<size_t>(r.jpeg.output_components);
    jpeg_read_scanlines(&r.jpeg, &row, 1);
  }
  return true;
}

int orientation_of(const jpeg_decompress_struct& jpeg) {
  constexpr char kExif[] = "Exif\0";  // and the zero that ends it
  for (auto* marker = jpeg.marker_list; marker; marker = marker->next)
    if (marker->marker == JPEG_APP0 + 1 && marker->data_length > sizeof kExif &&
        std::memcmp(marker->data, kExif, sizeof kExif) == 0)
      return exif_orientation({reinterpret_cast<const std::byte*>(marker->data) + sizeof kExif,
                               marker->data_length - sizeof kExif});
  return 1;
}

}  // namespace

DecodedPicture decode_jpeg(std::span<const std::byte> bytes, const std::string& name,
                           const PictureLimits& limits, bool head) {
  Reading reading;
  jpeg_decompress_struct& jpeg = reading.jpeg;
  const auto fail = [&](const std::string& why) {
    throw Error(fmt::format("{}: expected a JPEG picture, got one that is damaged ({})", name, why));
  };
  if (!read_head(reading, reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size()))
    fail(reading.message);
  const int64_t height = jpeg.image_height, width = jpeg.image_width;
  // Every 8 x 8 pixels take a bit at least.
  check_picture_size(name, height, width, limits, static_cast<int64_t>(bytes.size()), 1024);
  const bool grey = jpeg.jpeg_color_space == JCS_GRAYSCALE;
  const bool inks = jpeg.jpeg_color_space == JCS_CMYK || jpeg.jpeg_color_space == JCS_YCCK;
  DecodedPicture picture;
  picture.size = {height, width, grey ? 1 : 3};
  picture.orientation = orientation_of(jpeg);
  if (head) return picture;
  jpeg.out_color_space = grey ? JCS_GRAYSCALE : inks ? JCS_CMYK : JCS_RGB;
  picture.pixels = Tensor({height, width, picture.size.channels}, DType::uint8);
  auto* to = picture.pixels.data<uint8_t>();
  std::vector<uint8_t> four(inks ? static_cast<size_t>(height * width * 4) : 0);
  if (!read_rows(reading, inks ? four.data() : to)) fail(reading.message);
  if (reading.cut_short) fail("it is cut short");
  if (inks) {
    // Adobe writes how little ink there is.
    const bool inverted = jpeg.saw_Adobe_marker;
    for (size_t i = 0; i < four.size(); i += 4)
      for (size_t c = 0; c < 3; ++c) {
        const int color = inverted ? four[i + c] : 255 - four[i + c],
                  black = inverted ? four[i + 3] : 255 - four[i + 3];
        *to++ = static_cast<uint8_t>((color * black + 127) / 255);
      }
  }
  return picture;
}

}  // namespace folio
