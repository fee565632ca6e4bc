#include "folio/layers/preprocessing/random_brightness.h"
#include "folio/layers/preprocessing/random_contrast.h"
#include "folio/layers/preprocessing/random_pictures.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

class RandomColoursBody : public RandomPicturesBody {
 public:
  RandomColoursBody(RandomFactor factor, std::vector<double> range, std::optional<int64_t> seed)
      : RandomPicturesBody(seed), factor_(factor), range_(std::move(range)) {}

 protected:
  void colour_fields(Fields& f, double least) {
    f("factor", factor_, {.required = true, .least = least, .most = 1, .not_empty = true});
    f("value_range", range_, {.count = 2, .finite = true, .not_empty = true});
    seed_field(f);
  }
  // (batch, 1, 1, 1)
  static Value one(const Value& x, const RandomPlace& place, double lower, double upper) {
    return reshape(between(drawn(x, place, 1), 0, lower, upper), {x.shape()[0], 1, 1, 1});
  }
  Value within_range(const Value& x) const { return minimum(maximum(x, range_[0]), range_[1]); }
  const RandomFactor& factor() const { return factor_; }
  double width() const { return range_[1] - range_[0]; }

 private:
  RandomFactor factor_;
  std::vector<double> range_;
};

class RandomContrastBody final : public RandomColoursBody {
 public:
  explicit RandomContrastBody(RandomFactor factor = 0, std::vector<double> range = {0, 255},
                              std::optional<int64_t> seed = {})
      : RandomColoursBody(factor, std::move(range), seed) {}
  std::string class_name() const override { return "RandomContrast"; }
  void fields(Fields& f) override { colour_fields(f, 0); }

 private:
  Value changed(const Value& x, const RandomPlace& place) const override {
    const Value middle = mean(x, {1, 2}, true);
    return within_range((x - middle) * one(x, place, 1 - factor().lower, 1 + factor().upper) + middle);
  }
};

class RandomBrightnessBody final : public RandomColoursBody {
 public:
  explicit RandomBrightnessBody(RandomFactor factor = 0, std::vector<double> range = {0, 255},
                                std::optional<int64_t> seed = {})
      : RandomColoursBody(factor, std::move(range), seed) {}
  std::string class_name() const override { return "RandomBrightness"; }
  void fields(Fields& f) override { colour_fields(f, -1); }

 private:
  Value changed(const Value& x, const RandomPlace& place) const override {
    return within_range(x + one(x, place, factor().lower * width(), factor().upper * width()));
  }
};

}  // namespace

RandomContrast::RandomContrast(RandomFactor factor, RandomContrastOptions options)
    : Layer(std::make_shared<RandomContrastBody>(factor, options.value_range, options.seed), options) {}
RandomBrightness::RandomBrightness(RandomFactor factor, RandomBrightnessOptions options)
    : Layer(std::make_shared<RandomBrightnessBody>(factor, options.value_range, options.seed), options) {}

std::shared_ptr<LayerBody> RandomContrast::blank() { return std::make_shared<RandomContrastBody>(); }
std::shared_ptr<LayerBody> RandomBrightness::blank() { return std::make_shared<RandomBrightnessBody>(); }

}  // namespace folio
