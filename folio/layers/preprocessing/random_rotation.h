// Pictures turned at random.
#pragma once
#include <optional>

#include "folio/layers/common/data_format.h"
#include "folio/layers/layer.h"
#include "folio/layers/preprocessing/random_factor.h"

namespace folio {

struct RandomRotationOptions {
  std::string fill_mode = "reflect";       ///< beyond the border: reflect, constant, wrap or nearest
  std::string interpolation = "bilinear";  ///< or nearest
  std::optional<int64_t> seed = {};        ///< not given: the model's seed
  double fill_value = 0;                   ///< of constant
  DataFormat data_format = {};
  std::string name = {};
  bool trainable = true;
};

/// By a share of a full turn: 0.1 is up to 36 degrees either way.
/// In training alone, for each picture of a batch anew. (sheet F9)
/// x: (batch, height, width, channels) -> the same shape.
class RandomRotation final : public Layer {
 public:
  explicit RandomRotation(RandomFactor factor, RandomRotationOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
