// Borders of zeros around pictures.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/common/sides.h"
#include "folio/layers/layer.h"

namespace folio {

using ZeroPadding2DOptions = PictureOptions;

/// x: (batch, height, width, channels) -> (batch, above + height + below, left + width + right, channels)
class ZeroPadding2D final : public Layer {
 public:
  explicit ZeroPadding2D(Sides padding = 1, ZeroPadding2DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
