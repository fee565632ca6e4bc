#include "folio/layers/regularization/dropout.h"

#include <nlohmann/json.hpp>

#include "folio/layers/regularization/random_layer.h"
#include "folio/ops/dropout.h"

namespace folio {
namespace {

class DropoutBody final : public RandomLayerBody {
 public:
  DropoutBody(double rate, std::optional<int64_t> seed) : RandomLayerBody(seed), rate_(rate) {
    check_rate("Dropout", rate);
  }
  std::string class_name() const override { return "Dropout"; }
  bool supports_masking() const override { return true; }
  Json config() const override {
    return {{"rate", rate_}, {"seed", seed_config()}, {"noise_shape", nullptr}};
  }

 private:
  Value disturbed(const Value& x, const RandomPlace& place) const override {
    return dropout(x, place.step, rate_, place.seed, place.site);
  }

  double rate_;
};

}  // namespace

Dropout::Dropout(double rate, DropoutOptions options) {
  body_ = make_body<DropoutBody>(options.name, options.trainable, rate, options.seed);
}

Layer Dropout::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  DropoutOptions options;
  options.name = name;
  const double rate = read_random(read, "rate", options.seed);
  read.ignore("noise_shape");
  read.finish();
  return Dropout(rate, std::move(options));
}

}  // namespace folio
