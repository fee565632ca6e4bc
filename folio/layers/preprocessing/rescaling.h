// Inputs brought to another range.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/layer.h"

namespace folio {

/// x * scale + offset; whole numbers become floating-point first: Rescaling(1.0 / 255) brings pixels to [0,
/// 1]. x: any shape and type -> the same shape. (sheet B1)
class Rescaling final : public Layer {
 public:
  explicit Rescaling(double scale, double offset = 0, LayerOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
