#include "folio/layers/activation/activation.h"

#include <nlohmann/json.hpp>

#include "folio/layers/common/config.h"
#include "folio/ops/activations.h"

namespace folio {
namespace {

class ActivationBody final : public LayerBody {
 public:
  explicit ActivationBody(const std::string& name) : function_(activation(name)) {}
  std::string class_name() const override { return "Activation"; }
  bool supports_masking() const override { return true; }
  Values call(const LayerCall& call, Effects&) override { return {function_.apply(call.input())}; }
  Json config() const override { return {{"activation", function_.name}}; }

 private:
  const ActivationFunction& function_;
};

}  // namespace

Activation::Activation(std::string activation, LayerOptions options) {
  body_ = make_body<ActivationBody>(options.name, options.trainable, activation);
}

Layer Activation::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  const std::string activation = read.activation("activation");
  read.finish();
  return Activation(activation, {.name = name});
}

}  // namespace folio
