#include "folio/sound/sound_augmentation.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/random.h"
#include "folio/sound/resample.h"

namespace folio {
namespace {

constexpr uint32_t kChanges = 1, kNoise = 2;  // sites of random numbers
constexpr uint32_t kShift = 0, kLoud = 1, kSpeed = 2;

}  // namespace

SoundAugmentation::SoundAugmentation(const SoundPreparation& preparation, Samples samples,
                                     const SoundChanges& changes)
    : features_(preparation), samples_(std::move(samples)), changes_(changes) {
  const auto refuse = [](const char* name, const char* expected, double got) {
    throw Error(fmt::format("{}: expected {}, got {}", name, expected, got));
  };
  if (!(changes.shift >= 0 && changes.shift <= 3600))
    refuse("shift", "seconds from 0 to 3600", changes.shift);
  if (!(changes.noise >= 0 && changes.noise <= 1000))
    refuse("noise", "a number from 0 to 1000", changes.noise);
  if (!(changes.speed >= 0 && changes.speed < 0.9))
    refuse("speed", "a share from 0 to below 0.9", changes.speed);
}

std::shared_ptr<const SoundAugmentation> SoundAugmentation::of(const std::vector<int64_t>& rows) const {
  Samples some;
  for (const int64_t row : rows) some.push_back(samples_.at(static_cast<size_t>(row)));
  return std::make_shared<const SoundAugmentation>(features_.preparation(), std::move(some), changes_);
}

std::vector<float> SoundAugmentation::changed(int64_t pass, int64_t number, int64_t& later) const {
  const auto row = static_cast<uint32_t>(number), step = static_cast<uint32_t>(pass);
  const RandomStream draws{changes_.seed, kChanges, step}, hiss{changes_.seed, kNoise, step};
  const auto either_way = [&](uint32_t what) { return 2 * draws.uniform(row, what) - 1; };
  const SoundPreparation& preparation = features_.preparation();
  later = std::llround(changes_.shift * either_way(kShift) * static_cast<double>(preparation.rate));
  std::vector<float> samples = *samples_.at(static_cast<size_t>(number));
  // Whole percents, so that few filters are needed.
  constexpr int64_t kUnchanged = 100;
  const auto pace =
      static_cast<int64_t>(std::llround(kUnchanged * (1 + changes_.speed * either_way(kSpeed))));
  if (pace != kUnchanged) samples = resample(samples, pace, kUnchanged);
  // Half of the sounds stay as clean as they are.
  const double noise = changes_.noise * std::max(either_way(kLoud), 0.0);
  if (noise > 0) {
    // All that is heard is noisy, the silence around the sound too.
    const auto heard = static_cast<size_t>(preparation.samples());
    if (samples.size() < heard) {
      const size_t before = (heard - samples.size()) / 2;
      samples.insert(samples.begin(), before, 0);
      samples.resize(heard);
    }
    const double deviation = kLoudness * noise, range = std::sqrt(12.0);
    for (size_t i = 0; i < samples.size(); ++i)
      samples[i] +=
          static_cast<float>(deviation * range * (hiss.uniform(row, static_cast<uint32_t>(i)) - 0.5));
  }
  return samples;
}

void SoundAugmentation::check(const Shape& row) const {
  const Shape wanted({features_.preparation().frames(), features_.preparation().width()});
  if (row != wanted)
    throw Error(fmt::format("sounds changed at random: expected rows of {}, got {}", to_string(wanted),
                            to_string(row)));
}

void SoundAugmentation::apply(const void*, DType, const Shape&, int64_t pass, int64_t number,
                              float* to) const {
  if (number < 0 || number >= static_cast<int64_t>(samples_.size()))
    throw Error(
        fmt::format("sounds changed at random: expected a row below {}, got {}", samples_.size(), number));
  int64_t later = 0;
  const std::vector<float> samples = changed(pass, number, later);
  features_.write(samples, later, to);
}

std::string SoundAugmentation::description() const {
  return fmt::format("sounds: shift={} noise={} speed={} seed={} {}", changes_.shift, changes_.noise,
                     changes_.speed, changes_.seed, features_.preparation().to_json().dump());
}

}  // namespace folio
