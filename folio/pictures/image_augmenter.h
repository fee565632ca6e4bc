// Pictures changed at random, so that a network sees none of them twice. (sheet F9)
#pragma once
#include <initializer_list>
#include <optional>
#include <string>
#include <vector>

#include "folio/base/affine.h"
#include "folio/base/fields.h"
#include "folio/data/augmentation.h"
#include "folio/data/batches.h"
#include "folio/tensor/tensor.h"

namespace folio {

/// How far pictures move: a number below 1 is a share of the side, either way; a whole number n means whole
/// pixels below n, another number pixels; of several numbers one is chosen, either way. (Keras)
struct ShiftRange {
  std::vector<double> values;
  ShiftRange(double value = 0) : values{value} {}
  ShiftRange(std::initializer_list<double> choices) : values(choices) {}
};

/// Factors between two numbers; z alone means from 1 - z to 1 + z. Above 1 the picture becomes smaller.
struct ZoomRange {
  double from = 1, to = 1;
  ZoomRange(double z = 0) : from(1 - z), to(1 + z) {}
  ZoomRange(double from, double to) : from(from), to(to) {}
};

/// Keras' words, and some that it lacks; what stands at its default does nothing.
struct ImageAugmenterOptions {
  double rotation_range = 0;  ///< degrees, either way
  ShiftRange width_shift_range = 0, height_shift_range = 0;
  std::vector<double> brightness_range = {};  ///< two factors; for pictures from 0 to 255
  double shear_range = 0;                     ///< degrees, either way
  ZoomRange zoom_range = 0;                   ///< rows and columns by factors of their own
  double channel_shift_range = 0;             ///< added to all pixels, either way
  std::string fill_mode = "nearest";          ///< nearest, constant, reflect or wrap: see `FillMode`
  double cval = 0;                            ///< beyond the border in mode constant, and cut out
  bool horizontal_flip = false, vertical_flip = false;  ///< half of the pictures
  double rescale = 0;                                   ///< multiplies pixels, last; 0: not at all
  // What Keras' generator has not.
  std::vector<double> contrast_range = {};    ///< two factors, about the picture's mean
  std::vector<double> saturation_range = {};  ///< two factors, about the grey of each pixel; 3 channels
  int64_t crop_padding = 0;  ///< so many pixels are put around, as fill_mode says, and cut off elsewhere
  int64_t cutout = 0;        ///< side of a square that is cut out (DeVries 2017); its middle lies anywhere
  std::optional<uint64_t> seed = {};  ///< else the seed of everything random, when the augmenter is made
};
void fields(Fields& f, ImageAugmenterOptions& options);
void read_value(const Json& json, ShiftRange& range, const FieldRules& rules);
void write_value(Json& json, const ShiftRange& range, const FieldRules& rules);
void check_value(ShiftRange& range, const FieldRules& rules);
void read_value(const Json& json, ZoomRange& range, const FieldRules& rules);
void write_value(Json& json, const ZoomRange& range, const FieldRules& rules);
void check_value(ZoomRange& range, const FieldRules& rules);

/// What was drawn for one picture; the first ten by Keras' names.
struct TransformParameters {
  double theta = 0;       ///< degrees
  double tx = 0, ty = 0;  ///< pixels along the columns and along the rows
  double shear = 0;       ///< degrees
  double zx = 1, zy = 1;  ///< of columns and of rows
  bool flip_horizontal = false, flip_vertical = false;
  std::optional<double> channel_shift_intensity = {}, brightness = {};
  double contrast = 1, saturation = 1;
  int64_t crop_x = 0, crop_y = 0;                       ///< pixels that the cut lies off the middle
  std::optional<int64_t> cutout_x = {}, cutout_y = {};  ///< middle of the square
};

/// Keras' legacy ImageDataGenerator, as a function of (seed, pass, picture).
///
///   const ImageAugmenter datagen({.rotation_range = 20, .width_shift_range = 0.2, .horizontal_flip = true});
///   model.fit(datagen.flow(x_train, y_train), {.batch_size = 128});
class ImageAugmenter final : public Augmentation {
 public:
  /// Throws `Error` naming the option that is not what it may be.
  explicit ImageAugmenter(ImageAugmenterOptions options = {});

  const ImageAugmenterOptions& options() const { return options_; }
  /// Whether any option says something.
  bool does_something() const;
  /// Data whose pictures, the first input, (rows, height, width) or (rows, height, width, channels), are
  /// changed as they are trained on. Throws `Error` for other shapes.
  Data flow(Data data) const;
  Data flow(Tensor x, Tensor y) const { return flow(Data(std::move(x), std::move(y))); }

  /// What is drawn for picture `number` of (height, width, channels) in a pass.
  TransformParameters get_random_transform(const Shape& shape, int64_t pass, int64_t number) const;
  /// uint8 or float32 (height, width, channels) -> float32. The result for the first ten parameters is
  /// Keras', which turns pictures that are not square about ((width - 1) / 2, (height - 1) / 2) as row and
  /// column. Not yet rescaled.
  Tensor apply_transform(const Tensor& picture, const TransformParameters& parameters) const;
  /// Both, rescaled. (Keras: what `flow` gives)
  Tensor random_transform(const Tensor& picture, int64_t pass, int64_t number) const;

  void check(const Shape& row) const override;
  void apply(const void* row, DType type, const Shape& shape, int64_t pass, int64_t number,
             float* to) const override;
  std::string description() const override;

 private:
  template <class T>
  void transform(const T* from, const PictureSize3& size, const TransformParameters& parameters,
                 float* to) const;

  ImageAugmenterOptions options_;
  FillMode mode_ = FillMode::nearest;
  uint64_t seed_ = 0;
};

/// Options as people write them, between commas: "rotation_range=20,zoom_range=[0.8,1.2],horizontal_flip=
/// true". `kSheetAugmentation` is what the sheet prints. Throws `Error` with the nearest key.
ImageAugmenterOptions augmenter_options(const std::string& text);
inline constexpr const char* kSheetAugmentation =
    "rotation_range=20,width_shift_range=0.2,height_shift_range=0.2,horizontal_flip=true,shear_range=0.2,"
    "zoom_range=0.2,fill_mode=nearest";
/// Sets one of them.
void set_option(ImageAugmenterOptions& options, const std::string& key, const std::string& value);

}  // namespace folio
