// A penalty on what passes.
#pragma once
#include "folio/layers/layer.h"

namespace folio {

struct ActivityRegularizationOptions {
  double l1 = 0, l2 = 0;
  std::string name = {};
  bool trainable = true;
};

/// x itself; the loss grows by l1 · sum(|x|) + l2 · sum(x²), the mean over the batch (models of Keras 3.0
/// to 3.13: the sum).
/// x: any shape -> the same shape. (sheet D3)
class ActivityRegularization final : public Layer {
 public:
  explicit ActivityRegularization(ActivityRegularizationOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
