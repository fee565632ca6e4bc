#include "folio/sound/sound_preparation.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/fields.h"
#include "folio/base/threads.h"
#include "folio/compiler/compile.h"
#include "folio/sound/resample.h"

namespace folio {
namespace {

constexpr double kFloor = 1e-7;  // energies below are silence: 70 dB under the loudest tone

void list(Fields& f, SoundPreparation& p) {
  f("rate", p.rate, {.required = true, .least = kLeastRate, .most = kMostRate});
  f("seconds", p.seconds, {.required = true, .most = 3600, .above = 0});
  f("features", p.features, {.required = true, .words = "mel mfcc"});
  f("bands", p.bands, {.required = true, .least = 1, .most = 1024});
  f("coefficients", p.coefficients, {.least = 1, .most = 1024});
  f("window", p.window, {.most = 1, .above = 0});
  f("stride", p.stride, {.most = 1, .above = 0});
  f("least", p.least, {.least = 0, .most = kMostRate});
}

int64_t rounded_product(double a, double b) { return std::max<int64_t>(std::llround(a * b), 1); }

}  // namespace

StftOptions SoundPreparation::stft() const {
  const auto per_second = static_cast<double>(rate);
  const int64_t length = std::max<int64_t>(rounded_product(per_second, window), 4);
  return {.fft_length = static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(length))),
          .sequence_length = length,
          .sequence_stride = rounded_product(per_second, stride)};
}

int64_t SoundPreparation::samples() const {
  return std::max(rounded_product(static_cast<double>(rate), seconds), stft().fft_length);
}
int64_t SoundPreparation::frames() const { return stft_frames(samples(), stft()); }
int64_t SoundPreparation::width() const { return features == "mel" ? bands : coefficients; }

std::vector<float> SoundPreparation::brought(const Sound& sound) const {
  std::vector<float> result = resample(sound.samples, sound.rate, rate);
  result.resize(std::min(result.size(), static_cast<size_t>(samples())));
  double squares = 0;
  for (const float value : result) squares += static_cast<double>(value) * value;
  if (squares > 0) {
    const double scale = kLoudness / std::sqrt(squares / static_cast<double>(result.size()));
    for (float& value : result) value = static_cast<float>(value * scale);
  }
  return result;
}

Json SoundPreparation::to_json() const {
  SoundPreparation copy = *this;
  return written_fields([&](Fields& f) { list(f, copy); });
}

SoundPreparation SoundPreparation::from_json(const Json& json, const std::string& place) {
  SoundPreparation result;
  read_fields(json, place, [&](Fields& f) { list(f, result); });
  constexpr int64_t kMost = 100'000'000;
  if (result.samples() > kMost || result.frames() > kMost / result.bands)
    throw Error(fmt::format("{}: expected sounds of at most {} samples, got {} seconds at a rate of {}",
                            place, kMost, result.seconds, result.rate));
  if (result.coefficients > result.bands || result.least * 2 >= static_cast<double>(result.rate))
    throw Error(
        fmt::format("{}: expected at most {} coefficients, one for a band, and bands that begin below {} Hz, "
                    "got {} and {}",
                    place, result.bands, result.rate / 2, result.coefficients, result.least));
  return result;
}

SoundFeatures::SoundFeatures(const SoundPreparation& preparation) : preparation_(preparation) {
  const StftOptions stft = preparation.stft();
  const int64_t bins = stft.fft_length / 2 + 1;
  const Tensor weights = mel_weights(bins, preparation.bands, preparation.rate, preparation.least,
                                     static_cast<double>(preparation.rate) / 2);
  for (int64_t k = 0; k < bins; ++k)
    for (int64_t b = 0; b < preparation.bands; ++b)
      if (const double weight = weights.at(k, b); weight > 0) shares_.push_back({k, b, weight});
  // Hann's window sums to half of its length: a tone of amplitude 1 then has an energy of 1 where it lies.
  scale_ = std::pow(4.0 / static_cast<double>(stft.sequence_length), 2);
}

void SoundFeatures::write(std::span<const float> samples, int64_t later, float* to) const {
  const int64_t length = preparation_.samples(), count = static_cast<int64_t>(samples.size());
  std::vector<float> placed(static_cast<size_t>(length));
  const int64_t first = (length - count) / 2 + later;
  for (int64_t i = std::max<int64_t>(-first, 0); i < std::min(count, length - first); ++i)
    placed[static_cast<size_t>(first + i)] = samples[static_cast<size_t>(i)];
  const Tensor power = stft_power(placed, preparation_.stft());
  const int64_t frames = power.shape()[0], bins = power.shape()[1], bands = preparation_.bands;
  Tensor energies({frames, bands});
  std::vector<double> sums(static_cast<size_t>(bands));
  for (int64_t f = 0; f < frames; ++f) {
    std::fill(sums.begin(), sums.end(), 0);
    for (const Share& share : shares_)
      sums[static_cast<size_t>(share.band)] += share.weight * power.data<float>()[f * bins + share.bin];
    for (int64_t b = 0; b < bands; ++b)
      energies.data<float>()[f * bands + b] =
          static_cast<float>(std::log(std::max(sums[static_cast<size_t>(b)] * scale_, kFloor)));
  }
  const Tensor& result = preparation_.features == "mel" ? energies : dct(energies, preparation_.coefficients);
  std::copy_n(result.data<float>(), result.count(), to);
}

PreparedSounds prepare_sounds(const std::vector<SoundSource>& sources, const SoundPreparation& preparation) {
  const SoundFeatures features(preparation);
  const int64_t size = preparation.frames() * preparation.width();
  std::vector<std::vector<float>> samples(sources.size()), rows(sources.size());
  std::vector<std::string> errors(sources.size());
  std::vector<char> longer(sources.size());
  // A little more is read, to know whether there is more and to resample what comes last.
  const SoundLimits limits{preparation.seconds + 0.25};
  const auto read = [&](size_t i) {
    const SoundSource& source = sources[i];
    try {
      const Sound sound = source.bytes.empty() ? read_sound(source.path, limits)
                                               : decode_sound(source.bytes, source.path, limits);
      longer[i] = sound.seconds() * static_cast<double>(preparation.rate) >
                  static_cast<double>(preparation.samples()) + 0.5;
      samples[i] = preparation.brought(sound);
      rows[i].resize(static_cast<size_t>(size));
      features.write(samples[i], 0, rows[i].data());
    } catch (const Error& error) {
      errors[i] = error.what();
    }
  };
  const size_t shares = std::min(sources.size(), static_cast<size_t>(default_threads()));
  in_parallel(static_cast<int>(shares), [&](int share) {
    for (auto i = static_cast<size_t>(share); i < sources.size(); i += shares) read(i);
  });
  PreparedSounds result;
  for (size_t i = 0; i < sources.size(); ++i)
    if (errors[i].empty()) {
      result.kept.push_back(i);
      result.samples.push_back(std::make_shared<const std::vector<float>>(std::move(samples[i])));
      if (longer[i]) result.cut.push_back(sources[i].path);
    } else {
      result.said.push_back(errors[i]);
    }
  if (result.kept.empty())
    throw Error(sources.empty() ? "expected sounds (.wav, .flac, .ogg), found none" : result.said[0]);
  result.x = Tensor({static_cast<int64_t>(result.kept.size()), preparation.frames(), preparation.width()});
  for (size_t i = 0; i < result.kept.size(); ++i)
    std::copy_n(rows[result.kept[i]].data(), size, result.x.data<float>() + static_cast<int64_t>(i) * size);
  return result;
}

}  // namespace folio
