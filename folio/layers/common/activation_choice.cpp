#include "folio/layers/common/activation_choice.h"

#include "folio/ops/activations.h"

namespace folio {

Value ActivationChoice::apply(const Value& x) const {
  if (!layer_.defined()) return activation(name_).apply(x);
  LayerBody& body = layer_.body();
  body.ensure_built({x.shape()});
  LayerCall call;
  call.inputs = {x};
  Effects none;
  return body.named_call(call, none)[0];
}

std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> ActivationChoice::children() const {
  if (!layer_.defined()) return {};
  return {{"activation", layer_.handle()}};
}

}  // namespace folio
