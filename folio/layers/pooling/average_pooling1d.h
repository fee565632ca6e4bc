// The mean over windows of sequences.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/layer.h"

namespace folio {

struct AveragePooling1DOptions {
  int64_t strides = 0;            ///< 0: the pool size, so that windows touch
  std::string padding = "valid";  ///< or "same": output size ⌈size / stride⌉
  DataFormat data_format = {};
  std::string name = {};
  bool trainable = true;
};

/// The mean of each window, over its cells inside the sequence.
/// x: (batch, steps, channels) -> (batch, ⌊(W − F) / S⌋ + 1, channels). (sheet F2)
class AveragePooling1D final : public Layer {
 public:
  explicit AveragePooling1D(int64_t pool_size = 2, AveragePooling1DOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
