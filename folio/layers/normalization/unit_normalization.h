// Features brought to length 1.
#pragma once
#include "folio/layers/layer.h"

namespace folio {

struct UnitNormalizationOptions {
  std::vector<int64_t> axis = {-1};  ///< the dimensions that make up one vector
  std::string name = {};
  bool trainable = true;
};

/// x / √(sum(x²)) over the dimensions `axis`; zeros stay zeros. x: (batch, …) -> the same shape.
class UnitNormalization final : public Layer {
 public:
  explicit UnitNormalization(UnitNormalizationOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

/// The formula, for layers that compare directions.
Value unit_length(const Value& x, const std::vector<int>& axes);

}  // namespace folio
