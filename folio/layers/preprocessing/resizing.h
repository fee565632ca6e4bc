// Pictures brought to one size.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/layer.h"

namespace folio {

struct ResizingOptions {
  std::string interpolation = "bilinear";  ///< or "nearest"
  bool crop_to_aspect_ratio = false;       ///< cuts off what the new shape has no room for
  bool pad_to_aspect_ratio = false;        ///< puts `fill_value` around what does not fill it
  double fill_value = 0;
  DataFormat data_format = {};
  std::string name = {};
  bool trainable = true;
};

/// With the centres of pixels at halves and without smoothing. Of whole numbers the nearest whole ones.
/// x: (batch, H, W, channels) -> (batch, height, width, channels)
class Resizing final : public Layer {
 public:
  Resizing(int64_t height, int64_t width, ResizingOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
