#include "folio/layers/regularization/noise.h"

#include <cmath>

#include "folio/layers/regularization/random_layer.h"
#include "folio/ops/dropout.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/random_normal.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

using Formula = Value (*)(const Value& x, double amount, const RandomPlace& place);

Value normal_like(const Value& x, const RandomPlace& place) {
  return random_normal(x.type(), place.step, place.seed, place.site);
}

Value with_noise(const Value& x, double stddev, const RandomPlace& place) {
  return x + stddev * normal_like(x, place);
}

Value times_noise(const Value& x, double rate, const RandomPlace& place) {
  return x * (1.0 + std::sqrt(rate / (1 - rate)) * normal_like(x, place));
}

Value alpha_dropout(const Value& x, double rate, const RandomPlace& place) {
  // Where selu goes far below 0: -scale · alpha.
  constexpr double kFloor = -1.0507009873554805 * 1.6732632423543772;
  const Value ones = broadcast_to(constant(1, x.dtype()), x.shape());
  const Value kept = dropout(ones, place.step, rate, place.seed, place.site);
  const double a = 1 / std::sqrt((1 - rate) * (1 + rate * kFloor * kFloor)), b = -a * kFloor * rate;
  return select(kept, a * x + b, constant(a * kFloor + b, x.dtype()));
}

// What sets one of them apart from another.
struct Noise {
  const char *class_name, *amount;
  Formula formula;
  bool noise_shape = false;  ///< Keras' config has this entry
};
constexpr Noise kGaussianNoise{"GaussianNoise", "stddev", with_noise};
constexpr Noise kGaussianDropout{"GaussianDropout", "rate", times_noise};
constexpr Noise kAlphaDropout{"AlphaDropout", "rate", alpha_dropout, true};

class NoiseBody final : public RandomLayerBody {
 public:
  explicit NoiseBody(const Noise& noise, double amount = 0, std::optional<int64_t> seed = {})
      : RandomLayerBody(noise.amount, amount, seed), noise_(noise) {}
  std::string class_name() const override { return noise_.class_name; }
  bool supports_masking() const override { return true; }
  void fields(Fields& f) override {
    RandomLayerBody::fields(f);
    if (noise_.noise_shape) f.constant("noise_shape", "null");
  }

 private:
  Value disturbed(const Value& x, const RandomPlace& place) const override {
    return amount() == 0 ? x : noise_.formula(x, amount(), place);
  }

  const Noise& noise_;
};

}  // namespace

GaussianNoise::GaussianNoise(double stddev, RandomOptions options)
    : Layer(std::make_shared<NoiseBody>(kGaussianNoise, stddev, options.seed), options) {}
GaussianDropout::GaussianDropout(double rate, RandomOptions options)
    : Layer(std::make_shared<NoiseBody>(kGaussianDropout, rate, options.seed), options) {}
AlphaDropout::AlphaDropout(double rate, RandomOptions options)
    : Layer(std::make_shared<NoiseBody>(kAlphaDropout, rate, options.seed), options) {}

std::shared_ptr<LayerBody> GaussianNoise::blank() { return std::make_shared<NoiseBody>(kGaussianNoise); }
std::shared_ptr<LayerBody> GaussianDropout::blank() { return std::make_shared<NoiseBody>(kGaussianDropout); }
std::shared_ptr<LayerBody> AlphaDropout::blank() { return std::make_shared<NoiseBody>(kAlphaDropout); }

}  // namespace folio
