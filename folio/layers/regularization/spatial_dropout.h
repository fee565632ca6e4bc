// Whole channels set to 0 at random while training.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/common/layer_options.h"
#include "folio/layers/layer.h"

namespace folio {

struct SpatialDropoutOptions {
  DataFormat data_format = {};
  std::optional<int64_t> seed = {};  ///< not given: the model's seed
  std::string name = {};
  bool trainable = true;
};

// Like Dropout, but an example's channel is dropped or kept as a whole. rate in [0, 1). (sheet D4; Tompson
// 2015)

/// x: (batch, steps, channels) -> the same shape
class SpatialDropout1D final : public Layer {
 public:
  explicit SpatialDropout1D(double rate, RandomOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

/// x: (batch, height, width, channels) -> the same shape
class SpatialDropout2D final : public Layer {
 public:
  explicit SpatialDropout2D(double rate, SpatialDropoutOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

/// x: (batch, depth, height, width, channels) -> the same shape
class SpatialDropout3D final : public Layer {
 public:
  explicit SpatialDropout3D(double rate, SpatialDropoutOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
