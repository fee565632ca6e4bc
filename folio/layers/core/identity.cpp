#include "folio/layers/core/identity.h"

#include <nlohmann/json.hpp>

#include "folio/layers/common/config.h"

namespace folio {
namespace {

class IdentityBody final : public LayerBody {
 public:
  std::string class_name() const override { return "Identity"; }
  bool supports_masking() const override { return true; }
  Values call(const LayerCall& call, Effects&) override { return call.inputs; }
};

}  // namespace

Identity::Identity(LayerOptions options) { body_ = make_body<IdentityBody>(options.name, options.trainable); }

Layer Identity::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader(config, place).finish();
  return Identity({.name = name});
}

}  // namespace folio
