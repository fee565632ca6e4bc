// Pictures flipped at random.
#pragma once
#include <optional>

#include "folio/layers/common/data_format.h"
#include "folio/layers/layer.h"

namespace folio {

struct RandomFlipOptions {
  std::string mode = "horizontal_and_vertical";  ///< or "horizontal", or "vertical"
  std::optional<int64_t> seed = {};              ///< not given: the model's seed
  DataFormat data_format = {};
  std::string name = {};
  bool trainable = true;
};

/// Every other picture is flipped; in both directions at once where both are asked for, as in Keras.
/// In training alone, for each picture of a batch anew. (sheet F9)
/// x: (batch, height, width, channels) -> the same shape.
class RandomFlip final : public Layer {
 public:
  explicit RandomFlip(RandomFlipOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
