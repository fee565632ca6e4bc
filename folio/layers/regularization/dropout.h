// Elements set to 0 at random while training.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/layer.h"

namespace folio {

using DropoutOptions = RandomOptions;

/// While training each element becomes 0 with probability `rate` and the others are divided by 1 - rate;
/// otherwise x. Which elements is a function of seed, step and place, so that a run can be repeated and
/// resumed. rate in [0, 1). x: (batch, …) -> the same shape. (sheet D4, errata 9)
class Dropout final : public Layer {
 public:
  explicit Dropout(double rate, DropoutOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
