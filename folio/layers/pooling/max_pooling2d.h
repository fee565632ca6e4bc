// The largest element of windows of pictures.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/common/pair.h"
#include "folio/layers/layer.h"

namespace folio {

struct MaxPooling2DOptions {
  Pair strides = {};              ///< not given: the pool size, so that windows touch
  std::string padding = "valid";  ///< or "same": output size ⌈size / stride⌉
  DataFormat data_format = {};
  std::string name = {};
  bool trainable = true;
};

/// The largest element of each window.
/// x: (batch, height, width, channels) -> (batch, ⌊(W − F) / S⌋ + 1 each way, channels). (sheet F2)
class MaxPooling2D final : public Layer {
 public:
  explicit MaxPooling2D(Pair pool_size = 2, MaxPooling2DOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
