// Borders of zeros around volumes.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/common/sides.h"
#include "folio/layers/layer.h"

namespace folio {

struct ZeroPadding3DOptions {
  DataFormat data_format = {};
  std::string name = {};
  bool trainable = true;
};

/// x: (batch, depth, height, width, channels) -> (batch, front + depth + back, above + height + below,
/// left + width + right, channels)
class ZeroPadding3D final : public Layer {
 public:
  explicit ZeroPadding3D(VolumeSides padding = 1, ZeroPadding3DOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
