// Borders of zeros around volumes.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/common/sides.h"
#include "folio/layers/layer.h"

namespace folio {

using ZeroPadding3DOptions = PictureOptions;

/// x: (batch, depth, height, width, channels) -> (batch, front + depth + back, above + height + below,
/// left + width + right, channels)
class ZeroPadding3D final : public Layer {
 public:
  explicit ZeroPadding3D(Sides padding = 1, ZeroPadding3DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
