// Contrast that changes at random.
#pragma once
#include <optional>
#include <vector>

#include "folio/layers/common/data_format.h"
#include "folio/layers/layer.h"
#include "folio/layers/preprocessing/random_factor.h"

namespace folio {

struct RandomContrastOptions {
  std::vector<double> value_range = {0, 255};  ///< nothing leaves it
  std::optional<int64_t> seed = {};            ///< not given: the model's seed
  std::string name = {};
  bool trainable = true;
};

/// (x - mean) · f + mean, with the mean of each channel and f from 1 - lower to 1 + upper; a single factor is
/// the upper one, as in Keras. Factors are from 0 to 1.
/// In training alone, for each picture of a batch anew. (sheet F9)
/// x: (batch, height, width, channels) -> the same shape.
class RandomContrast final : public Layer {
 public:
  explicit RandomContrast(RandomFactor factor, RandomContrastOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
