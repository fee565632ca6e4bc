// Features brought to mean 0 and variance 1 by what was measured before training.
#pragma once
#include "folio/layers/layer.h"

namespace folio {

struct NormalizationOptions {
  std::vector<int64_t> axis = {-1};  ///< dimensions with a mean of their own; none: one mean for everything
  Tensor mean = {};                  ///< given together with variance: instead of `adapt`
  Tensor variance = {};
  bool invert = false;  ///< undoes the normalization
  std::string name = {};
  bool trainable = true;
};

/// (x − mean) / max(√variance, 1e-7). Weights, unless they are given: mean, variance, count (which Keras
/// keeps for older files). x: any shape and type -> the same shape. (sheet B1)
class Normalization final : public Layer {
 public:
  explicit Normalization(NormalizationOptions options = {});
  static std::shared_ptr<LayerBody> blank();
  /// Takes mean and variance of `data`, (rows, …), in one pass; builds the layer if needed.
  void adapt(const Tensor& data) const;
};

}  // namespace folio
