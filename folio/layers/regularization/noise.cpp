#include "folio/layers/regularization/noise.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
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
  NoiseBody(const Noise& noise, double amount, std::optional<int64_t> seed)
      : RandomLayerBody(seed), noise_(noise), amount_(amount) {
    if (noise.formula != with_noise)
      check_rate(noise.class_name, amount);
    else if (!(amount >= 0 && amount <= 1))
      throw Error(fmt::format("GaussianNoise: stddev: expected 0 to 1, got {}", amount));
  }
  std::string class_name() const override { return noise_.class_name; }
  bool supports_masking() const override { return true; }
  Json config() const override {
    Json config = {{noise_.amount, amount_}, {"seed", seed_config()}};
    if (noise_.noise_shape) config["noise_shape"] = nullptr;
    return config;
  }

 private:
  Value disturbed(const Value& x, const RandomPlace& place) const override {
    return amount_ == 0 ? x : noise_.formula(x, amount_, place);
  }

  const Noise& noise_;
  double amount_;
};

std::shared_ptr<LayerBody> body_of(const Noise& noise, double amount, const RandomOptions& options) {
  return make_body<NoiseBody>(options.name, options.trainable, noise, amount, options.seed);
}

template <class Of>
Layer made_from(const Noise& noise, const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  RandomOptions options;
  options.name = name;
  const double amount = read_random(read, noise.amount, options.seed);
  if (noise.noise_shape) read.ignore("noise_shape");
  read.finish();
  return Of(amount, std::move(options));
}

}  // namespace

GaussianNoise::GaussianNoise(double stddev, RandomOptions options) {
  body_ = body_of(kGaussianNoise, stddev, options);
}
GaussianDropout::GaussianDropout(double rate, RandomOptions options) {
  body_ = body_of(kGaussianDropout, rate, options);
}
AlphaDropout::AlphaDropout(double rate, RandomOptions options) {
  body_ = body_of(kAlphaDropout, rate, options);
}

Layer GaussianNoise::from_config(const Json& config, const std::string& name, const std::string& place) {
  return made_from<GaussianNoise>(kGaussianNoise, config, name, place);
}
Layer GaussianDropout::from_config(const Json& config, const std::string& name, const std::string& place) {
  return made_from<GaussianDropout>(kGaussianDropout, config, name, place);
}
Layer AlphaDropout::from_config(const Json& config, const std::string& name, const std::string& place) {
  return made_from<AlphaDropout>(kAlphaDropout, config, name, place);
}

}  // namespace folio
