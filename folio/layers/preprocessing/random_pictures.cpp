#include "folio/layers/preprocessing/random_pictures.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numbers>

#include "folio/base/error.h"
#include "folio/layers/common/pictures.h"
#include "folio/layers/preprocessing/random_crop.h"
#include "folio/layers/preprocessing/random_flip.h"
#include "folio/layers/preprocessing/random_rotation.h"
#include "folio/layers/preprocessing/random_translation.h"
#include "folio/layers/preprocessing/random_zoom.h"
#include "folio/layers/preprocessing/resized.h"
#include "folio/ops/affine_transform.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/flip.h"
#include "folio/ops/random_uniform.h"
#include "folio/ops/reshape.h"
#include "folio/ops/slice.h"

namespace folio {

void read_value(const Json& json, RandomFactor& factor, const FieldRules&) {
  if (json.is_number())
    factor = json.get<double>();
  else if (json.is_array() && json.size() == 2 && json[0].is_number() && json[1].is_number())
    factor = {json[0].get<double>(), json[1].get<double>()};
  else
    unexpected("a number or a list of two", json);
}
void write_value(Json& json, const RandomFactor& factor, const FieldRules& rules) {
  if (factor.single && !rules.not_empty)  // some are always written as two
    json = factor.upper;
  else
    json = {factor.lower, factor.upper};
}
void check_value(RandomFactor& factor, const FieldRules& rules) {
  if (factor.single) factor.lower = std::max(factor.lower, rules.least);
  for (double bound : {factor.lower, factor.upper})
    if (!(bound >= rules.least && bound <= rules.most))
      throw Error("expected a number or a list of two from " + Json(rules.least).dump() + " to " +
                  Json(rules.most).dump() + ", got " + Json(bound).dump());
}

void RandomPicturesBody::build(const std::vector<Shape>& inputs) { check_pictures(inputs[0]); }

Values RandomPicturesBody::call(const LayerCall& call, Effects& effects) {
  check_pictures(call.input().shape());
  const std::optional<RandomPlace> place = random_place(call, effects, seed_);
  const Value x = as_floating(call.input());
  return {place ? changed(x, *place) : unchanged(x)};
}

Value RandomPicturesBody::drawn(const Value& x, const RandomPlace& place, int64_t count) {
  return random_uniform({{x.shape()[0], count}, x.dtype()}, place.step, place.seed, place.site);
}

Value RandomPicturesBody::between(const Value& draws, int which, double lower, double upper) {
  return slice(draws, 1, which, 1) * (upper - lower) + lower;
}

namespace {

// How what lies between pixels and beyond the border is seen.
struct Sight {
  std::string fill_mode = "reflect", interpolation = "bilinear";
  double fill_value = 0;
};
template <class Options>
Sight sight_of(const Options& options) {
  return {options.fill_mode, options.interpolation, options.fill_value};
}

/// Pictures seen through a matrix each.
class MovedBody : public RandomPicturesBody {
 public:
  MovedBody(Sight sight, std::optional<int64_t> seed) : RandomPicturesBody(seed), sight_(std::move(sight)) {}

 protected:
  void sight_fields(Fields& f) {
    f("fill_mode", sight_.fill_mode, {.words = "reflect wrap constant nearest"});
    f("interpolation", sight_.interpolation, {.words = "bilinear nearest"});
    seed_field(f);
    f("fill_value", sight_.fill_value, {.finite = true});
    data_format_field(f, data_format());
  }
  // A column of the matrices: (batch, 1) or a number for all.
  struct Entry {
    Value value;
    double number = 0;
    Entry(const Value& value) : value(value) {}  // NOLINT
    Entry(double number) : number(number) {}     // NOLINT
  };
  Value seen(const Value& x, std::initializer_list<Entry> entries) const {
    const Shape& shape = x.shape();
    Values columns;
    for (const Entry& entry : entries)
      columns.push_back(entry.value.defined()
                            ? entry.value
                            : broadcast_to(constant(entry.number, x.dtype()), {shape[0], 1}));
    const std::string& mode = sight_.fill_mode;
    return affine_transform(x, concatenate(columns, 1),
                            {.height = shape[1],
                             .width = shape[2],
                             .fill = mode == "constant"  ? FillMode::constant
                                     : mode == "nearest" ? FillMode::nearest
                                     : mode == "wrap"    ? FillMode::wrap
                                                         : FillMode::reflect,
                             .value = sight_.fill_value,
                             .nearest = sight_.interpolation == "nearest"});
  }
  static double middle(const Value& x, int axis) { return static_cast<double>(x.shape()[axis] - 1) / 2; }

 private:
  Sight sight_;
};

class RandomRotationBody final : public MovedBody {
 public:
  explicit RandomRotationBody(RandomFactor factor = 0, Sight sight = {}, std::optional<int64_t> seed = {})
      : MovedBody(std::move(sight), seed), factor_(factor) {}
  std::string class_name() const override { return "RandomRotation"; }
  void fields(Fields& f) override {
    f("factor", factor_, {.required = true, .least = -1, .most = 1, .not_empty = true});
    sight_fields(f);
  }

 private:
  Value changed(const Value& x, const RandomPlace& place) const override {
    const double turn = 2 * std::numbers::pi, cy = middle(x, 1), cx = middle(x, 2);
    const Value angle = between(drawn(x, place, 1), 0, factor_.lower * turn, factor_.upper * turn);
    const Value c = cos(angle), s = sin(angle);
    return seen(x, {c, s, cy - cx * s - cy * c, -s, c, cx - cx * c + cy * s});
  }
  RandomFactor factor_;
};

class RandomTranslationBody final : public MovedBody {
 public:
  explicit RandomTranslationBody(RandomFactor height = 0, RandomFactor width = 0, Sight sight = {},
                                 std::optional<int64_t> seed = {})
      : MovedBody(std::move(sight), seed), height_(height), width_(width) {}
  std::string class_name() const override { return "RandomTranslation"; }
  void fields(Fields& f) override {
    f("height_factor", height_, {.required = true, .least = -1, .most = 1});
    f("width_factor", width_, {.required = true, .least = -1, .most = 1});
    sight_fields(f);
  }

 private:
  Value changed(const Value& x, const RandomPlace& place) const override {
    const Value draws = drawn(x, place, 2);
    const auto pixels = [&](int which, const RandomFactor& factor) {
      return between(draws, which, factor.lower, factor.upper) * static_cast<double>(x.shape()[which + 1]);
    };
    return seen(x, {1.0, 0.0, -pixels(0, height_), 0.0, 1.0, -pixels(1, width_)});
  }
  RandomFactor height_, width_;
};

class RandomZoomBody final : public MovedBody {
 public:
  explicit RandomZoomBody(RandomFactor height = 0, std::optional<RandomFactor> width = {}, Sight sight = {},
                          std::optional<int64_t> seed = {})
      : MovedBody(std::move(sight), seed), height_(height), width_(width) {}
  std::string class_name() const override { return "RandomZoom"; }
  void fields(Fields& f) override {
    f("height_factor", height_, {.required = true, .least = -1, .most = 1});
    f("width_factor", width_, {.least = -1, .most = 1});
    sight_fields(f);
  }

 private:
  Value changed(const Value& x, const RandomPlace& place) const override {
    const Value draws = drawn(x, place, 2);
    const Value down = between(draws, 0, 1 + height_.lower, 1 + height_.upper);
    const Value across = width_ ? between(draws, 1, 1 + width_->lower, 1 + width_->upper) : down;
    return seen(x, {down, 0.0, middle(x, 1) * (1 - down), 0.0, across, middle(x, 2) * (1 - across)});
  }
  RandomFactor height_;
  std::optional<RandomFactor> width_;
};

class RandomFlipBody final : public RandomPicturesBody {
 public:
  explicit RandomFlipBody(std::string mode = "horizontal_and_vertical", std::optional<int64_t> seed = {})
      : RandomPicturesBody(seed), mode_(std::move(mode)) {}
  std::string class_name() const override { return "RandomFlip"; }
  void fields(Fields& f) override {
    seed_field(f);
    f("mode", mode_, {.words = "horizontal_and_vertical horizontal vertical"});
    data_format_field(f, data_format());
  }

 private:
  Value changed(const Value& x, const RandomPlace& place) const override {
    Value flipped = x;
    if (mode_ != "vertical") flipped = flip(flipped, 2);
    if (mode_ != "horizontal") flipped = flip(flipped, 1);
    const Value draws = reshape(drawn(x, place, 1), {x.shape()[0], 1, 1, 1});
    return select(draws <= constant(0.5, x.dtype()), flipped, x);
  }
  std::string mode_;
};

class RandomCropBody final : public RandomPicturesBody {
 public:
  explicit RandomCropBody(int64_t height = 1, int64_t width = 1, std::optional<int64_t> seed = {})
      : RandomPicturesBody(seed), height_(height), width_(width) {}
  std::string class_name() const override { return "RandomCrop"; }
  void fields(Fields& f) override {
    f("height", height_, {.required = true, .least = 1, .most = 65536});
    f("width", width_, {.required = true, .least = 1, .most = 65536});
    seed_field(f);
    data_format_field(f, data_format());
  }

 private:
  Value changed(const Value& x, const RandomPlace& place) const override {
    const Shape& shape = x.shape();
    if (shape[1] < height_ || shape[2] < width_)
      throw Error("expects pictures of at least " + std::to_string(height_) + " x " + std::to_string(width_) +
                  " pixels, got " + to_string(shape) + "; put a Resizing before it");
    // One place for the whole batch.
    const Value draws = random_uniform({{1, 2}, x.dtype()}, place.step, place.seed, place.site);
    const auto start = [&](int which, int64_t room) {
      return broadcast_to(floor(slice(draws, 1, which, 1) * static_cast<double>(room + 1)), {shape[0], 1});
    };
    const auto all = [&](double number) { return broadcast_to(constant(number, x.dtype()), {shape[0], 1}); };
    const Value matrices = concatenate(
        {all(1), all(0), start(0, shape[1] - height_), all(0), all(1), start(1, shape[2] - width_)}, 1);
    return affine_transform(x, matrices,
                            {.height = height_, .width = width_, .fill = FillMode::nearest, .nearest = true});
  }
  Value unchanged(const Value& x) const override { return center_cropped(x, height_, width_); }
  int64_t height_, width_;
};

}  // namespace

RandomRotation::RandomRotation(RandomFactor factor, RandomRotationOptions options)
    : Layer(std::make_shared<RandomRotationBody>(factor, sight_of(options), options.seed), options) {}
RandomTranslation::RandomTranslation(RandomFactor height_factor, RandomFactor width_factor,
                                     RandomTranslationOptions options)
    : Layer(std::make_shared<RandomTranslationBody>(height_factor, width_factor, sight_of(options),
                                                    options.seed),
            options) {}
RandomZoom::RandomZoom(RandomFactor height_factor, RandomZoomOptions options)
    : Layer(std::make_shared<RandomZoomBody>(height_factor, options.width_factor, sight_of(options),
                                             options.seed),
            options) {}
RandomFlip::RandomFlip(RandomFlipOptions options)
    : Layer(std::make_shared<RandomFlipBody>(options.mode, options.seed), options) {}
RandomCrop::RandomCrop(int64_t height, int64_t width, RandomCropOptions options)
    : Layer(std::make_shared<RandomCropBody>(height, width, options.seed), options) {}

std::shared_ptr<LayerBody> RandomRotation::blank() { return std::make_shared<RandomRotationBody>(); }
std::shared_ptr<LayerBody> RandomTranslation::blank() { return std::make_shared<RandomTranslationBody>(); }
std::shared_ptr<LayerBody> RandomZoom::blank() { return std::make_shared<RandomZoomBody>(); }
std::shared_ptr<LayerBody> RandomFlip::blank() { return std::make_shared<RandomFlipBody>(); }
std::shared_ptr<LayerBody> RandomCrop::blank() { return std::make_shared<RandomCropBody>(); }

}  // namespace folio
