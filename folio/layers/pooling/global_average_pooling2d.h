// The mean of whole pictures.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/layer.h"

namespace folio {

struct GlobalAveragePooling2DOptions {
  DataFormat data_format = {};
  bool keepdims = false;  ///< leaves height and width behind as dimensions of 1
  std::string name = {};
  bool trainable = true;
};

/// The mean of each channel. x: (batch, height, width, channels) -> (batch, channels). (sheet F2)
class GlobalAveragePooling2D final : public Layer {
 public:
  explicit GlobalAveragePooling2D(GlobalAveragePooling2DOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
