// The mean over windows of volumes.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/common/sizes.h"
#include "folio/layers/layer.h"

namespace folio {

struct AveragePooling3DOptions {
  Triple strides = {};            ///< not given: the pool size, so that windows touch
  std::string padding = "valid";  ///< or "same": output size ⌈size / stride⌉
  DataFormat data_format = {};
  std::string name = {};
  bool trainable = true;
};

/// The mean of each window, over its cells inside the volume.
/// x: (batch, depth, height, width, channels) -> (batch, ⌊(W − F) / S⌋ + 1 each way, channels). (sheet F2)
class AveragePooling3D final : public Layer {
 public:
  explicit AveragePooling3D(Triple pool_size = 2, AveragePooling3DOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
