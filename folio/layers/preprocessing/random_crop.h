// A part of pictures, at a random place.
#pragma once
#include <optional>

#include "folio/layers/common/data_format.h"
#include "folio/layers/layer.h"

namespace folio {

struct RandomCropOptions {
  std::optional<int64_t> seed = {};  ///< not given: the model's seed
  DataFormat data_format = {};
  std::string name = {};
  bool trainable = true;
};

/// In training a part of this size, at one place for the whole batch, another one at every step; otherwise
/// what CenterCrop gives. (Keras 3 says the latter, but leaves pictures as they are when it predicts.)
/// x: (batch, H, W, channels) with H and W at least height and width -> (batch, height, width, channels)
class RandomCrop final : public Layer {
 public:
  RandomCrop(int64_t height, int64_t width, RandomCropOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
