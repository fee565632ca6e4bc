// Sounds changed at random, so that a network hears none of them twice.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "folio/data/augmentation.h"
#include "folio/sound/sound_preparation.h"

namespace folio {

struct SoundChanges {
  double shift = 0;  ///< seconds earlier or later, at most
  double noise = 0;  ///< how loud white noise gets, as a share of the sound's own loudness
  double speed = 0;  ///< how much faster and higher, or slower and lower, at most, as a share
  uint64_t seed = 1;

  bool does_something() const { return shift > 0 || noise > 0 || speed > 0; }
};

/// Features of changed sounds: a function of (seed, pass, row).
class SoundAugmentation final : public Augmentation {
 public:
  using Samples = std::vector<std::shared_ptr<const std::vector<float>>>;

  /// `samples`: of row after row, as `SoundPreparation::brought`. Throws `Error` for changes that are
  /// negative, and for a speed of 0.9 or more.
  SoundAugmentation(const SoundPreparation& preparation, Samples samples, const SoundChanges& changes);

  /// The same for some of the rows.
  std::shared_ptr<const SoundAugmentation> of(const std::vector<int64_t>& rows) const;
  /// A row's samples, changed, and how much later than the middle they lie.
  std::vector<float> changed(int64_t pass, int64_t number, int64_t& later) const;

  void check(const Shape& row) const override;
  /// Throws `Error` for a row that there is not. The elements of the row itself are not asked.
  void apply(const void* row, DType type, const Shape& shape, int64_t pass, int64_t number,
             float* to) const override;
  std::string description() const override;

 private:
  SoundFeatures features_;
  Samples samples_;
  SoundChanges changes_;
};

}  // namespace folio
