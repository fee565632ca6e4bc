#include "folio/layers/activation/activation.h"

#include "folio/layers/common/layer_fields.h"

namespace folio {
namespace {

class ActivationBody final : public LayerBody {
 public:
  explicit ActivationBody(ActivationChoice activation = {}) : activation_(std::move(activation)) {}
  std::string class_name() const override { return "Activation"; }
  bool supports_masking() const override { return true; }
  Values call(const LayerCall& call, Effects&) override { return {activation_.apply(call.input())}; }
  std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> children() const override {
    return activation_.children();
  }
  void fields(Fields& f) override { activation_field(f, activation_); }

 private:
  ActivationChoice activation_;
};

}  // namespace

Activation::Activation(ActivationChoice activation, LayerOptions options)
    : Layer(std::make_shared<ActivationBody>(std::move(activation)), options) {}

std::shared_ptr<LayerBody> Activation::blank() { return std::make_shared<ActivationBody>(); }

}  // namespace folio
