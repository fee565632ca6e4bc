#include "folio/layers/activation/elu.h"

#include <nlohmann/json.hpp>

#include "folio/layers/common/config.h"
#include "folio/ops/activations.h"

namespace folio {
namespace {

class ELUBody final : public LayerBody {
 public:
  explicit ELUBody(double alpha) : alpha_(alpha) {}
  std::string class_name() const override { return "ELU"; }
  bool supports_masking() const override { return true; }
  Values call(const LayerCall& call, Effects&) override { return {elu(call.input(), alpha_)}; }
  Json config() const override { return {{"alpha", alpha_}}; }

 private:
  double alpha_;
};

}  // namespace

ELU::ELU(ELUOptions options) { body_ = make_body<ELUBody>(options.name, options.trainable, options.alpha); }

Layer ELU::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  const double alpha = read.number("alpha", 1);
  read.finish();
  return ELU({.alpha = alpha, .name = name});
}

}  // namespace folio
