#include "folio/pictures/image_augmenter.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>
#include <vector>

#include "folio/base/error.h"
#include "folio/base/random.h"
#include "folio/base/range.h"
#include "folio/layers/layer.h"

namespace folio {
namespace {

constexpr uint32_t kSite = 0x5f0a06;  // far from the sites of layers
constexpr double kMost = 1e6;         // pixels, and whatever is measured like them

// What is drawn, each from a word of its own.
enum Draw : uint32_t {
  kTheta,
  kTx,
  kTxSign,
  kTy,
  kTySign,
  kShear,
  kZx,
  kZy,
  kFlipHorizontal,
  kFlipVertical,
  kChannelShift,
  kBrightness,
  kContrast,
  kSaturation,
  kCropX,
  kCropY,
  kCutoutX,
  kCutoutY
};

struct Drawer {
  RandomStream stream;
  uint32_t row;
  double between(Draw what, double from, double to) const {
    return from + (to - from) * stream.uniform(row, what);
  }
  bool coin(Draw what) const { return stream.uniform(row, what) < 0.5; }
  int64_t below(Draw what, int64_t bound) const {
    return stream.below(row, what, static_cast<uint32_t>(bound));
  }
  // Pixels along a side.
  double shift(Draw what, Draw sign, const ShiftRange& range, int64_t side) const {
    const std::vector<double>& values = range.values;
    const double largest = *std::max_element(values.begin(), values.end()), one = values[0];
    double result = 0;
    if (values.size() > 1)
      result = values[static_cast<size_t>(below(what, static_cast<int64_t>(values.size())))] *
               (coin(sign) ? 1 : -1);
    else if (one >= 1 && one == std::floor(one))
      result = static_cast<double>(below(what, static_cast<int64_t>(one))) * (coin(sign) ? 1 : -1);
    else
      result = between(what, -one, one);
    return largest < 1 ? result * static_cast<double>(side) : result;
  }
};

constexpr Matrix3 kIdentity = {{{1, 0, 0}, {0, 1, 0}, {0, 0, 1}}};

Matrix3 product(const Matrix3& a, const Matrix3& b) {
  Matrix3 result{};
  for (size_t i = 0; i < 3; ++i)
    for (size_t j = 0; j < 3; ++j) result[i][j] = a[i][0] * b[0][j] + a[i][1] * b[1][j] + a[i][2] * b[2][j];
  return result;
}

double radians(double degrees) { return degrees * (std::numbers::pi / 180); }

// Keras': a product about the middle, made for (x, y) and then taken to (row, column). In steps and in
// Keras' order, since where a coordinate meets the border exactly the last bit decides what is seen there.
Matrix3 matrix_of(const TransformParameters& p, const PictureSize3& size) {
  Matrix3 m = kIdentity;
  if (p.theta != 0) {
    const double c = std::cos(radians(p.theta)), s = std::sin(radians(p.theta));
    m = {{{c, -s, 0}, {s, c, 0}, {0, 0, 1}}};
  }
  if (p.tx != 0 || p.ty != 0) m = product(m, {{{1, 0, p.tx}, {0, 1, p.ty}, {0, 0, 1}}});
  if (p.shear != 0) {
    const double c = std::cos(radians(p.shear)), s = std::sin(radians(p.shear));
    m = product(m, {{{1, -s, 0}, {0, c, 0}, {0, 0, 1}}});
  }
  if (p.zx != 1 || p.zy != 1) m = product(m, {{{p.zx, 0, 0}, {0, p.zy, 0}, {0, 0, 1}}});
  const double x = static_cast<double>(size.height) / 2 - 0.5, y = static_cast<double>(size.width) / 2 - 0.5;
  m = product(product({{{1, 0, x}, {0, 1, y}, {0, 0, 1}}}, m), {{{1, 0, -x}, {0, 1, -y}, {0, 0, 1}}});
  return {{{m[1][1], m[1][0], m[1][2]}, {m[0][1], m[0][0], m[0][2]}, {0, 0, 1}}};
}

bool moves(const TransformParameters& p) {
  return p.theta != 0 || p.tx != 0 || p.ty != 0 || p.shear != 0 || p.zx != 1 || p.zy != 1;
}

void flip(float* picture, const PictureSize3& size, bool horizontal, bool vertical) {
  const int64_t stride = size.width * size.channels;
  for (int64_t row = 0; horizontal && row < size.height; ++row)
    for (int64_t left = 0, right = size.width - 1; left < right; ++left, --right)
      std::swap_ranges(picture + row * stride + left * size.channels,
                       picture + row * stride + (left + 1) * size.channels,
                       picture + row * stride + right * size.channels);
  for (int64_t top = 0, bottom = size.height - 1; vertical && top < bottom; ++top, --bottom)
    std::swap_ranges(picture + top * stride, picture + (top + 1) * stride, picture + bottom * stride);
}

// Pillow's: whole numbers from 0 to 255, mixed with black; fractions are cut off. Pictures of another range
// are brought there and back, as Keras does.
void brighten(float* x, int64_t count, float factor) {
  const auto [least, most] = std::minmax_element(x, x + count);
  const float low = *least, span = *most - low;
  const bool local = low < 0 || *most > 255;
  for (int64_t i = 0; i < count; ++i) {
    float value = local ? (span != 0 ? (x[i] - low) / span : 0) * 255 : x[i];
    value = std::trunc(std::clamp(factor * std::trunc(value), 0.0F, 255.0F));
    x[i] = local ? value / 255 * span + low : value;
  }
}

float grey(const float* pixel, int64_t channels) {
  return channels == 3 ? 0.299F * pixel[0] + 0.587F * pixel[1] + 0.114F * pixel[2] : pixel[0];
}

// Pixels away from or towards a grey: that of the whole picture, or their own. Nothing leaves the range that
// the picture had.
void spread(float* x, const PictureSize3& size, double factor, bool own_grey) {
  const int64_t pixels = size.height * size.width, count = pixels * size.channels;
  const auto [least, most] = std::minmax_element(x, x + count);
  const float low = *least, high = *most, f = static_cast<float>(factor);
  double mean = 0;
  for (int64_t i = 0; i < pixels; ++i) mean += grey(x + i * size.channels, size.channels);
  mean /= static_cast<double>(pixels);
  for (int64_t i = 0; i < pixels; ++i) {
    float* pixel = x + i * size.channels;
    const float middle = own_grey ? grey(pixel, size.channels) : static_cast<float>(mean);
    for (int64_t c = 0; c < size.channels; ++c)
      pixel[c] = std::clamp(middle + f * (pixel[c] - middle), low, high);
  }
}

void cut_out(float* picture, const PictureSize3& size, int64_t x, int64_t y, int64_t side, float fill) {
  const int64_t left = std::clamp<int64_t>(x - side / 2, 0, size.width),
                right = std::clamp<int64_t>(x - side / 2 + side, 0, size.width);
  for (int64_t row = std::max<int64_t>(0, y - side / 2); row < std::min(size.height, y - side / 2 + side);
       ++row)
    std::fill(picture + (row * size.width + left) * size.channels,
              picture + (row * size.width + right) * size.channels, fill);
}

PictureSize3 size_of_row(const Shape& shape) {
  return {shape[0], shape[1], shape.rank() == 3 ? shape[2] : 1};
}

}  // namespace

void read_value(const Json& json, ShiftRange& range, const FieldRules&) {
  std::vector<double> values;
  if (json.is_number())
    values = {json.get<double>()};
  else if (json.is_array() &&
           std::all_of(json.begin(), json.end(), [](const Json& n) { return n.is_number(); }))
    values = json.get<std::vector<double>>();
  else
    unexpected("a number or a list of them", json);
  range.values = std::move(values);
}
void write_value(Json& json, const ShiftRange& range, const FieldRules&) {
  if (range.values.size() == 1)
    json = range.values[0];
  else
    json = range.values;
}
void check_value(ShiftRange& range, const FieldRules&) {
  if (range.values.empty()) throw Error("expected a number or a list of them, got an empty list");
  for (const double value : range.values) Range{.least = 0, .most = kMost}.check(value, "");
}

void read_value(const Json& json, ZoomRange& range, const FieldRules&) {
  if (json.is_number())
    range = json.get<double>();
  else if (json.is_array() && json.size() == 2 && json[0].is_number() && json[1].is_number())
    range = {json[0].get<double>(), json[1].get<double>()};
  else
    unexpected("a number or a list of two", json);
}
void write_value(Json& json, const ZoomRange& range, const FieldRules&) { json = {range.from, range.to}; }
void check_value(ZoomRange& range, const FieldRules&) {
  for (const double factor : {range.from, range.to})
    if (!(factor > 0 && factor <= 1000))
      throw Error(fmt::format(
          "expected factors above 0 and at most 1000, which a number z below 1 gives as 1 - z and 1 + z, got "
          "{}",
          factor));
}

void fields(Fields& f, ImageAugmenterOptions& o) {
  f("rotation_range", o.rotation_range, {.least = 0, .most = 360, .help = "degrees, either way"});
  f("width_shift_range", o.width_shift_range,
    {.help = "below 1 a share of the width, either way; above 1 pixels"});
  f("height_shift_range", o.height_shift_range, {.help = "the same up and down"});
  f("shear_range", o.shear_range, {.least = 0, .below = 90, .help = "degrees, either way"});
  f("zoom_range", o.zoom_range, {.help = "z: factors from 1 - z to 1 + z; or two factors [a,b]"});
  f("horizontal_flip", o.horizontal_flip, {.help = "true: every other picture, left and right exchanged"});
  f("vertical_flip", o.vertical_flip, {.help = "true: every other picture, upside down"});
  f("brightness_range", o.brightness_range,
    {.least = 0, .most = 1000, .count = 2, .help = "two factors [a,b]"});
  f("contrast_range", o.contrast_range, {.least = 0, .most = 1000, .count = 2, .help = "two factors [a,b]"});
  f("saturation_range", o.saturation_range,
    {.least = 0, .most = 1000, .count = 2, .help = "two factors [a,b]"});
  f("channel_shift_range", o.channel_shift_range,
    {.least = 0, .most = kMost, .help = "added to all pixels, either way"});
  f("crop_padding", o.crop_padding,
    {.least = 0, .most = 10'000, .help = "pixels put around; the old size is cut out of it"});
  f("cutout", o.cutout, {.least = 0, .most = 10'000, .help = "side of a square that is cut out"});
  f("fill_mode", o.fill_mode,
    {.words = "nearest constant reflect wrap",
     .help = "beyond the border: nearest, constant, reflect or wrap"});
  f("cval", o.cval,
    {.least = -kMost, .most = kMost, .help = "the colour of constant, and of what is cut out"});
  f("rescale", o.rescale, {.least = -kMost, .most = kMost, .help = "multiplies the pixels, last"});
  f("seed", o.seed, {.help = "of what is drawn"});
}

ImageAugmenter::ImageAugmenter(ImageAugmenterOptions options) : options_(std::move(options)) {
  check_fields("ImageAugmenter", [&](Fields& f) { fields(f, options_); });
  const std::string& mode = options_.fill_mode;
  mode_ = mode == "nearest"    ? FillMode::nearest
          : mode == "constant" ? FillMode::constant
          : mode == "reflect"  ? FillMode::reflect
                               : FillMode::wrap;
  seed_ = options_.seed.value_or(random_seed());
}

bool ImageAugmenter::does_something() const {
  const auto shifts = [](const ShiftRange& range) { return range.values != std::vector<double>{0}; };
  const ImageAugmenterOptions& o = options_;
  return o.rotation_range != 0 || shifts(o.width_shift_range) || shifts(o.height_shift_range) ||
         !o.brightness_range.empty() || o.shear_range != 0 || o.zoom_range.from != 1 ||
         o.zoom_range.to != 1 || o.channel_shift_range != 0 || o.horizontal_flip || o.vertical_flip ||
         o.rescale != 0 || !o.contrast_range.empty() || !o.saturation_range.empty() || o.crop_padding != 0 ||
         o.cutout != 0;
}

Data ImageAugmenter::flow(Data data) const {
  data.augmentation = std::make_shared<ImageAugmenter>(*this);
  data.check("ImageAugmenter.flow");
  return data;
}

void ImageAugmenter::check(const Shape& row) const {
  const bool picture = (row.rank() == 2 || row.rank() == 3) && row.count() > 0;
  if (!picture)
    throw Error(
        "ImageAugmenter: expected pictures (rows, height, width, channels) as first input, got rows of "
        "shape " +
        to_string(row));
  const int64_t channels = size_of_row(row).channels;
  if (!options_.brightness_range.empty() && channels != 1 && channels != 3)
    throw Error(fmt::format("ImageAugmenter: brightness_range: expected pictures of 1 or 3 channels, got {}",
                            channels));
  if (!options_.saturation_range.empty() && channels != 3)
    throw Error(fmt::format(
        "ImageAugmenter: saturation_range: expected pictures of 3 channels, got {}; leave it out", channels));
}

TransformParameters ImageAugmenter::get_random_transform(const Shape& shape, int64_t pass,
                                                         int64_t number) const {
  const ImageAugmenterOptions& o = options_;
  // Data of more than 2^32 rows draw from further sites.
  const Drawer draw{{seed_, kSite + static_cast<uint32_t>(number >> 32), static_cast<uint32_t>(pass)},
                    static_cast<uint32_t>(number)};
  TransformParameters p;
  p.theta = draw.between(kTheta, -o.rotation_range, o.rotation_range);
  p.tx = draw.shift(kTx, kTxSign, o.width_shift_range, shape[1]);
  p.ty = draw.shift(kTy, kTySign, o.height_shift_range, shape[0]);
  p.shear = draw.between(kShear, -o.shear_range, o.shear_range);
  p.zx = draw.between(kZx, o.zoom_range.from, o.zoom_range.to);
  p.zy = draw.between(kZy, o.zoom_range.from, o.zoom_range.to);
  p.flip_horizontal = o.horizontal_flip && draw.coin(kFlipHorizontal);
  p.flip_vertical = o.vertical_flip && draw.coin(kFlipVertical);
  if (o.channel_shift_range != 0)
    p.channel_shift_intensity = draw.between(kChannelShift, -o.channel_shift_range, o.channel_shift_range);
  if (!o.brightness_range.empty())
    p.brightness = draw.between(kBrightness, o.brightness_range[0], o.brightness_range[1]);
  if (!o.contrast_range.empty())
    p.contrast = draw.between(kContrast, o.contrast_range[0], o.contrast_range[1]);
  if (!o.saturation_range.empty())
    p.saturation = draw.between(kSaturation, o.saturation_range[0], o.saturation_range[1]);
  p.crop_x = draw.below(kCropX, 2 * o.crop_padding + 1) - o.crop_padding;
  p.crop_y = draw.below(kCropY, 2 * o.crop_padding + 1) - o.crop_padding;
  if (o.cutout > 0) {
    p.cutout_x = draw.below(kCutoutX, shape[1]);
    p.cutout_y = draw.below(kCutoutY, shape[0]);
  }
  return p;
}

template <class T>
void ImageAugmenter::transform(const T* from, const PictureSize3& size, const TransformParameters& p,
                               float* to) const {
  const int64_t count = size.height * size.width * size.channels;
  const auto fill = static_cast<float>(options_.cval);
  if (moves(p))
    resample(from, size, matrix_of(p, size), mode_, fill, to);
  else
    std::copy_n(from, count, to);
  if (p.channel_shift_intensity) {
    const auto [least, most] = std::minmax_element(to, to + count);
    const float low = *least, high = *most, shift = static_cast<float>(*p.channel_shift_intensity);
    for (int64_t i = 0; i < count; ++i) to[i] = std::clamp(to[i] + shift, low, high);
  }
  flip(to, size, p.flip_horizontal, p.flip_vertical);
  if (p.brightness) brighten(to, count, static_cast<float>(*p.brightness));
  if (p.contrast != 1) spread(to, size, p.contrast, false);
  if (p.saturation != 1) spread(to, size, p.saturation, true);
  if (p.crop_x != 0 || p.crop_y != 0) {
    const std::vector<float> whole(to, to + count);
    const Matrix3 moved = {
        {{1, 0, static_cast<double>(p.crop_y)}, {0, 1, static_cast<double>(p.crop_x)}, {0, 0, 1}}};
    resample(whole.data(), size, moved, mode_, fill, to);
  }
  if (p.cutout_x && p.cutout_y) cut_out(to, size, *p.cutout_x, *p.cutout_y, options_.cutout, fill);
}

Tensor ImageAugmenter::apply_transform(const Tensor& picture, const TransformParameters& parameters) const {
  const Shape& shape = picture.shape();
  if (shape.rank() != 3 || shape.count() == 0)
    throw Error("ImageAugmenter: expected a picture (height, width, channels), got " + to_string(shape));
  check(shape);
  Tensor result(shape);
  const PictureSize3 size = size_of_row(shape);
  if (picture.dtype() == DType::uint8)
    transform(picture.data<uint8_t>(), size, parameters, result.data<float>());
  else
    transform(picture.cast(DType::float32).data<float>(), size, parameters, result.data<float>());
  return result;
}

Tensor ImageAugmenter::random_transform(const Tensor& picture, int64_t pass, int64_t number) const {
  check(picture.shape());
  Tensor result(picture.shape());
  apply(picture.raw(), picture.dtype(), picture.shape(), pass, number, result.data<float>());
  return result;
}

void ImageAugmenter::apply(const void* row, DType type, const Shape& shape, int64_t pass, int64_t number,
                           float* to) const {
  const TransformParameters parameters = get_random_transform(shape, pass, number);
  const PictureSize3 size = size_of_row(shape);
  if (type == DType::uint8) {
    transform(static_cast<const uint8_t*>(row), size, parameters, to);
  } else if (type == DType::float32) {
    transform(static_cast<const float*>(row), size, parameters, to);
  } else {
    const Tensor picture = Tensor::view(const_cast<void*>(row), shape, type).cast(DType::float32);
    transform(picture.data<float>(), size, parameters, to);
  }
  if (options_.rescale == 0) return;
  const auto factor = static_cast<float>(options_.rescale);
  for (int64_t i = 0; i < shape.count(); ++i) to[i] *= factor;
}

std::string ImageAugmenter::description() const {
  ImageAugmenterOptions copy = options_;
  copy.seed = seed_;
  return written_fields([&](Fields& f) { fields(f, copy); }).dump();
}

}  // namespace folio
