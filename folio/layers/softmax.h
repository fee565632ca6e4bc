// Softmax as a layer.
#pragma once
#include "folio/layers/layer.h"

namespace folio {

struct SoftmaxOptions {
  int64_t axis = -1;  ///< only the last dimension is supported
  std::string name = {};
  bool trainable = true;
};

/// exp(x) / sum(exp(x)) along the last dimension. x: (batch, …, classes) -> the same shape. (sheet C1)
class Softmax final : public Layer {
 public:
  explicit Softmax(SoftmaxOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
