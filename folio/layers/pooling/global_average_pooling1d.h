// The mean of whole sequences.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/layer.h"

namespace folio {

struct GlobalAveragePooling1DOptions {
  DataFormat data_format = {};
  bool keepdims = false;  ///< leaves the steps behind as a dimension of 1
  std::string name = {};
  bool trainable = true;
};

/// The mean of each channel. x: (batch, steps, channels) -> (batch, channels). (sheet F2)
class GlobalAveragePooling1D final : public Layer {
 public:
  explicit GlobalAveragePooling1D(GlobalAveragePooling1DOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
