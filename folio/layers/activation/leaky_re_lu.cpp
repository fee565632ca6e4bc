#include "folio/layers/activation/leaky_re_lu.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/config.h"
#include "folio/ops/activations.h"

namespace folio {
namespace {

class LeakyReLUBody final : public LayerBody {
 public:
  explicit LeakyReLUBody(double slope) : slope_(slope) {
    if (!(slope >= 0))
      throw Error(fmt::format("LeakyReLU: negative_slope: expected at least 0, got {}", slope));
  }
  std::string class_name() const override { return "LeakyReLU"; }
  bool supports_masking() const override { return true; }
  Values call(const LayerCall& call, Effects&) override { return {leaky_relu(call.input(), slope_)}; }
  Json config() const override { return {{"negative_slope", slope_}}; }

 private:
  double slope_;
};

}  // namespace

LeakyReLU::LeakyReLU(LeakyReLUOptions options) {
  body_ = make_body<LeakyReLUBody>(options.name, options.trainable, options.negative_slope);
}

Layer LeakyReLU::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  // "alpha" is what Keras 2 called it.
  const double slope = read.number("negative_slope", read.number("alpha", 0.3));
  read.finish();
  return LeakyReLU({.negative_slope = slope, .name = name});
}

}  // namespace folio
