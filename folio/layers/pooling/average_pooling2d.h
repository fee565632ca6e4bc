// The mean over windows of pictures.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/common/pair.h"
#include "folio/layers/layer.h"

namespace folio {

struct AveragePooling2DOptions {
  Pair strides = {};              ///< not given: the pool size, so that windows touch
  std::string padding = "valid";  ///< or "same": output size ⌈size / stride⌉
  DataFormat data_format = {};
  std::string name = {};
  bool trainable = true;
};

/// The mean of each window, over its cells inside the picture.
/// x: (batch, height, width, channels) -> (batch, ⌊(W − F) / S⌋ + 1 each way, channels). (sheet F2)
class AveragePooling2D final : public Layer {
 public:
  explicit AveragePooling2D(Pair pool_size = 2, AveragePooling2DOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
