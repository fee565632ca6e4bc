// Softmax as a layer.
#pragma once
#include "folio/layers/layer.h"

namespace folio {

struct SoftmaxOptions {
  int64_t axis = -1;
  std::string name = {};
  bool trainable = true;
};

/// exp(x) / sum(exp(x)) along dimension `axis`. x: (batch, …) -> the same shape. (sheet C1)
class Softmax final : public Layer {
 public:
  explicit Softmax(SoftmaxOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
