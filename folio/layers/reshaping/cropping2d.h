// Borders cut off pictures.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/common/sides.h"
#include "folio/layers/layer.h"

namespace folio {

using Cropping2DOptions = PictureOptions;

/// x: (batch, height, width, channels) -> (batch, height − above − below, width − left − right, channels)
class Cropping2D final : public Layer {
 public:
  explicit Cropping2D(Sides cropping = 0, Cropping2DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
