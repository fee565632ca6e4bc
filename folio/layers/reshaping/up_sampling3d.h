// Volumes made larger.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/common/sizes.h"
#include "folio/layers/layer.h"

namespace folio {

using UpSampling3DOptions = PictureOptions;

/// Every cell is repeated `size` times in each direction.
/// x: (batch, depth, height, width, channels) -> (batch, depth · size, height · size,
/// width · size, channels)
class UpSampling3D final : public Layer {
 public:
  explicit UpSampling3D(Sizes size = 2, UpSampling3DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
