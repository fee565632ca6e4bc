// The largest element of whole sequences.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/layer.h"

namespace folio {

struct GlobalMaxPooling1DOptions {
  DataFormat data_format = {};
  bool keepdims = false;  ///< leaves the steps behind as a dimension of 1
  std::string name = {};
  bool trainable = true;
};

/// The largest element of each channel. x: (batch, steps, channels) -> (batch, channels). (sheet F2)
class GlobalMaxPooling1D final : public Layer {
 public:
  explicit GlobalMaxPooling1D(GlobalMaxPooling1DOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
