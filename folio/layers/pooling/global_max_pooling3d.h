// The largest element of whole volumes.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/layer.h"

namespace folio {

struct GlobalMaxPooling3DOptions {
  DataFormat data_format = {};
  bool keepdims = false;  ///< leaves depth, height and width behind as dimensions of 1
  std::string name = {};
  bool trainable = true;
};

/// The largest element of each channel. x: (batch, depth, height, width, channels) -> (batch, channels).
/// (sheet F2)
class GlobalMaxPooling3D final : public Layer {
 public:
  explicit GlobalMaxPooling3D(GlobalMaxPooling3DOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
