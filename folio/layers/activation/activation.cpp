#include "folio/layers/activation/activation.h"

#include "folio/layers/common/layer_fields.h"
#include "folio/ops/activations.h"

namespace folio {
namespace {

class ActivationBody final : public LayerBody {
 public:
  explicit ActivationBody(std::string name = {}) : name_(std::move(name)) {}
  std::string class_name() const override { return "Activation"; }
  bool supports_masking() const override { return true; }
  Values call(const LayerCall& call, Effects&) override { return {activation(name_).apply(call.input())}; }
  void fields(Fields& f) override { activation_field(f, name_); }

 private:
  std::string name_;
};

}  // namespace

Activation::Activation(std::string activation, LayerOptions options)
    : Layer(std::make_shared<ActivationBody>(std::move(activation)), options) {}

std::shared_ptr<LayerBody> Activation::blank() { return std::make_shared<ActivationBody>(); }

}  // namespace folio
