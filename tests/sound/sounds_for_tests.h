// Sounds that tests of sounds share.
#pragma once
#include <cmath>
#include <complex>
#include <numbers>
#include <span>

#include "folio/sound/sound_file.h"

namespace folio {

/// A tone.
inline Sound tone(double frequency, double seconds, int64_t rate = 8000, double amplitude = 0.5) {
  Sound sound{{}, rate};
  const auto count = static_cast<int64_t>(std::llround(seconds * static_cast<double>(rate)));
  for (int64_t i = 0; i < count; ++i)
    sound.samples.push_back(
        static_cast<float>(amplitude * std::sin(2 * std::numbers::pi * frequency * static_cast<double>(i) /
                                                static_cast<double>(rate))));
  return sound;
}

/// How loud a frequency is in samples: the amplitude of the tone that comes nearest.
inline double amplitude_of(std::span<const float> samples, double frequency, int64_t rate) {
  std::complex<double> sum = 0;
  for (size_t i = 0; i < samples.size(); ++i)
    sum += static_cast<double>(samples[i]) *
           std::polar(1.0,
                      -2 * std::numbers::pi * frequency * static_cast<double>(i) / static_cast<double>(rate));
  return 2 * std::abs(sum) / static_cast<double>(samples.size());
}

}  // namespace folio
