// Borders cut off volumes.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/common/sides.h"
#include "folio/layers/layer.h"

namespace folio {

struct Cropping3DOptions {
  DataFormat data_format = {};
  std::string name = {};
  bool trainable = true;
};

/// x: (batch, depth, height, width, channels) -> (batch, depth − front − back, height − above − below,
/// width − left − right, channels)
class Cropping3D final : public Layer {
 public:
  explicit Cropping3D(VolumeSides cropping = 1, Cropping3DOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
