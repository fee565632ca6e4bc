// Brightness that changes at random.
#pragma once
#include <optional>
#include <vector>

#include "folio/layers/common/data_format.h"
#include "folio/layers/layer.h"
#include "folio/layers/preprocessing/random_factor.h"

namespace folio {

struct RandomBrightnessOptions {
  std::vector<double> value_range = {0, 255};  ///< nothing leaves it
  std::optional<int64_t> seed = {};            ///< not given: the model's seed
  std::string name = {};
  bool trainable = true;
};

/// x + f · (the width of `value_range`), factors from -1 to 1.
/// In training alone, for each picture of a batch anew. (sheet F9)
/// x: (batch, height, width, channels) -> the same shape.
class RandomBrightness final : public Layer {
 public:
  explicit RandomBrightness(RandomFactor factor, RandomBrightnessOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
