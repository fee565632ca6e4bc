// Volumes made larger.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/common/sizes.h"
#include "folio/layers/layer.h"

namespace folio {

struct UpSampling3DOptions {
  DataFormat data_format = {};
  std::string name = {};
  bool trainable = true;
};

/// Every cell is repeated `size` times in each direction.
/// x: (batch, depth, height, width, channels) -> (batch, depth · size, height · size,
/// width · size, channels)
class UpSampling3D final : public Layer {
 public:
  explicit UpSampling3D(Triple size = 2, UpSampling3DOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
