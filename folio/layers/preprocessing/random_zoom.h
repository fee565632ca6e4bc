// Pictures made larger or smaller at random.
#pragma once
#include <optional>

#include "folio/layers/common/data_format.h"
#include "folio/layers/layer.h"
#include "folio/layers/preprocessing/random_factor.h"

namespace folio {

struct RandomZoomOptions {
  std::optional<RandomFactor> width_factor = {};  ///< not given: the same as the height, for each picture
  std::string fill_mode = "reflect";              ///< beyond the border: reflect, constant, wrap or nearest
  std::string interpolation = "bilinear";         ///< or nearest
  std::optional<int64_t> seed = {};               ///< not given: the model's seed
  double fill_value = 0;                          ///< of constant
  DataFormat data_format = {};
  std::string name = {};
  bool trainable = true;
};

/// By factors 1 + height_factor: above 1 the picture becomes smaller, below larger.
/// In training alone, for each picture of a batch anew. (sheet F9)
/// x: (batch, height, width, channels) -> the same shape.
class RandomZoom final : public Layer {
 public:
  explicit RandomZoom(RandomFactor height_factor, RandomZoomOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
