// Borders cut off volumes.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/common/sides.h"
#include "folio/layers/layer.h"

namespace folio {

using Cropping3DOptions = PictureOptions;

/// x: (batch, depth, height, width, channels) -> (batch, depth − front − back, height − above − below,
/// width − left − right, channels)
class Cropping3D final : public Layer {
 public:
  explicit Cropping3D(Sides cropping = 1, Cropping3DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
