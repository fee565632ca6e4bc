// Borders of zeros around pictures.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/common/sides.h"
#include "folio/layers/layer.h"

namespace folio {

struct ZeroPadding2DOptions {
  DataFormat data_format = {};
  std::string name = {};
  bool trainable = true;
};

/// x: (batch, height, width, channels) -> (batch, above + height + below, left + width + right, channels)
class ZeroPadding2D final : public Layer {
 public:
  explicit ZeroPadding2D(PictureSides padding = 1, ZeroPadding2DOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
