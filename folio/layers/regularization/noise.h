// Inputs disturbed by normal random numbers, or dropped in keeping with them, while training.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/layer.h"

namespace folio {

// Each passes x on when not training. The random numbers are a function of seed, step and place, as those of
// Dropout. x: (batch, …) -> the same shape.

/// x + noise of mean 0 and deviation `stddev`, which is in [0, 1].
class GaussianNoise final : public Layer {
 public:
  explicit GaussianNoise(double stddev, RandomOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

/// x · noise of mean 1 and deviation √(rate / (1 − rate)), rate in [0, 1). (Srivastava 2014)
class GaussianDropout final : public Layer {
 public:
  explicit GaussianDropout(double rate, RandomOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

/// Drops elements to the lower end of selu and keeps mean and variance, rate in [0, 1). (Klambauer 2017)
class AlphaDropout final : public Layer {
 public:
  explicit AlphaDropout(double rate, RandomOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
