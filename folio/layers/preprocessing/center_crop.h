// The middle of pictures.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/layer.h"

namespace folio {

struct CenterCropOptions {
  DataFormat data_format = {};
  std::string name = {};
  bool trainable = true;
};

/// Of pictures that are smaller, the largest part of this shape, enlarged.
/// x: (batch, H, W, channels) -> (batch, height, width, channels)
class CenterCrop final : public Layer {
 public:
  CenterCrop(int64_t height, int64_t width, CenterCropOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
