// Pictures moved at random.
#pragma once
#include <optional>

#include "folio/layers/common/data_format.h"
#include "folio/layers/layer.h"
#include "folio/layers/preprocessing/random_factor.h"

namespace folio {

struct RandomTranslationOptions {
  std::string fill_mode = "reflect";       ///< beyond the border: reflect, constant, wrap or nearest
  std::string interpolation = "bilinear";  ///< or nearest
  std::optional<int64_t> seed = {};        ///< not given: the model's seed
  double fill_value = 0;                   ///< of constant
  DataFormat data_format = {};
  std::string name = {};
  bool trainable = true;
};

/// By shares of the height, down where they are positive, and of the width, to the right.
/// In training alone, for each picture of a batch anew. (sheet F9)
/// x: (batch, height, width, channels) -> the same shape.
class RandomTranslation final : public Layer {
 public:
  explicit RandomTranslation(RandomFactor height_factor, RandomFactor width_factor,
                             RandomTranslationOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
