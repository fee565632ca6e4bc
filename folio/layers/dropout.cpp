#include "folio/layers/dropout.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/config.h"
#include "folio/ops/dropout.h"

namespace folio {
namespace {

class DropoutBody final : public LayerBody {
 public:
  DropoutBody(double rate, std::optional<int64_t> seed) : rate_(rate), seed_(seed) {
    if (!(rate >= 0 && rate < 1))
      throw Error(fmt::format("Dropout: rate: expected at least 0 and below 1, got {}", rate));
  }
  std::string class_name() const override { return "Dropout"; }
  bool supports_masking() const override { return true; }

  Values call(const Values& inputs, CallContext& context) override {
    // Counted in every mode, so that the random calls after this one keep their numbers.
    const uint32_t site = context.next_site++;
    if (!context.training) return {inputs[0]};
    const uint64_t seed = seed_ ? static_cast<uint64_t>(*seed_) : context.seed;
    return {dropout(inputs[0], context.step, rate_, seed, site)};
  }

  Json config() const override {
    return {{"rate", rate_}, {"seed", seed_ ? Json(*seed_) : Json()}, {"noise_shape", nullptr}};
  }

 private:
  double rate_;
  std::optional<int64_t> seed_;
};

}  // namespace

Dropout::Dropout(double rate, DropoutOptions options) {
  body_ = make_body<DropoutBody>(options.name, options.trainable, rate, options.seed);
}

Layer Dropout::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  DropoutOptions options;
  options.name = name;
  if (!read.has("rate")) read.fail("rate", "a number");
  const double rate = read.number("rate", 0);
  if (read.has("seed")) options.seed = read.integer("seed");
  read.ignore("noise_shape");
  read.finish();
  return Dropout(rate, std::move(options));
}

}  // namespace folio
