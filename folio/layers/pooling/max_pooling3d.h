// The largest element of windows of volumes.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/common/sizes.h"
#include "folio/layers/layer.h"

namespace folio {

struct MaxPooling3DOptions {
  Triple strides = {};            ///< not given: the pool size, so that windows touch
  std::string padding = "valid";  ///< or "same": output size ⌈size / stride⌉
  DataFormat data_format = {};
  std::string name = {};
  bool trainable = true;
};

/// The largest element of each window.
/// x: (batch, depth, height, width, channels) -> (batch, ⌊(W − F) / S⌋ + 1 each way, channels). (sheet F2)
class MaxPooling3D final : public Layer {
 public:
  explicit MaxPooling3D(Triple pool_size = 2, MaxPooling3DOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
