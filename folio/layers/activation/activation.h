// An activation function as a layer of its own.
#pragma once
#include "folio/layers/common/activation_choice.h"
#include "folio/layers/common/layer_options.h"
#include "folio/layers/layer.h"

namespace folio {

/// The activation of that Keras name (`activations()` lists them), element by element or along the last
/// dimension. x: any shape -> the same shape. (sheet C1)
class Activation final : public Layer {
 public:
  explicit Activation(ActivationChoice activation, LayerOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
