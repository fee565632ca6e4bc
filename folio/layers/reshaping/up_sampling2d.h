// Pictures made larger.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/common/sizes.h"
#include "folio/layers/layer.h"

namespace folio {

struct UpSampling2DOptions {
  DataFormat data_format = {};
  std::string interpolation = "nearest";  ///< or "bilinear": straight lines between the middles of cells
  std::string name = {};
  bool trainable = true;
};

/// Every cell is repeated `size` times in each direction.
/// x: (batch, height, width, channels) -> (batch, height · size, width · size, channels)
class UpSampling2D final : public Layer {
 public:
  explicit UpSampling2D(Sizes size = 2, UpSampling2DOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
