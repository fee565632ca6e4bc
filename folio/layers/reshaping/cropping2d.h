// Borders cut off pictures.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/common/sides.h"
#include "folio/layers/layer.h"

namespace folio {

struct Cropping2DOptions {
  DataFormat data_format = {};
  std::string name = {};
  bool trainable = true;
};

/// x: (batch, height, width, channels) -> (batch, height − above − below, width − left − right, channels)
class Cropping2D final : public Layer {
 public:
  explicit Cropping2D(PictureSides cropping = 0, Cropping2DOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
