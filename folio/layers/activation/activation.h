// An activation function as a layer of its own.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/layer.h"

namespace folio {

/// The activation of that Keras name (`activations()` lists them), element by element or along the last
/// dimension. x: any shape -> the same shape. (sheet C1)
class Activation final : public Layer {
 public:
  explicit Activation(std::string activation, LayerOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
