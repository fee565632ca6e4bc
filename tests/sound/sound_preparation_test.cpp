#include "folio/sound/sound_preparation.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "folio/sound/sound_augmentation.h"
#include "tests/base/files_for_tests.h"
#include "tests/sound/sounds_for_tests.h"

namespace folio {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

double loudness(std::span<const float> samples) {
  double squares = 0;
  for (const float value : samples) squares += static_cast<double>(value) * value;
  return std::sqrt(squares / static_cast<double>(samples.size()));
}

std::vector<float> features_of(const SoundPreparation& preparation, std::span<const float> samples,
                               int64_t later = 0) {
  std::vector<float> row(static_cast<size_t>(preparation.frames() * preparation.width()));
  SoundFeatures(preparation).write(samples, later, row.data());
  return row;
}

// The band that is loudest in a frame.
int64_t loudest(const SoundPreparation& preparation, const std::vector<float>& row, int64_t frame) {
  const auto first = row.begin() + frame * preparation.width();
  return std::max_element(first, first + preparation.width()) - first;
}

TEST(SoundPreparation, SoundsOfAnyRateAndLoudnessAreAlike) {
  const SoundPreparation preparation{.rate = 8000, .seconds = 0.5};
  const std::vector<float> known = features_of(preparation, preparation.brought(tone(440, 0.3)));
  for (const Sound& other : {tone(440, 0.3, 8000, 0.01), tone(440, 0.3, 44100), tone(440, 0.3, 16000, 0.9)}) {
    const std::vector<float> brought = preparation.brought(other);
    EXPECT_EQ(brought.size(), 2400);
    EXPECT_NEAR(loudness(brought), kLoudness, 1e-6);
    const std::vector<float> row = features_of(preparation, brought);
    // In the midst of the sound, where it is loud.
    const int64_t frame = preparation.frames() / 2, band = loudest(preparation, known, frame);
    EXPECT_EQ(loudest(preparation, row, frame), band);
    EXPECT_NEAR(row[static_cast<size_t>(frame * 40 + band)], known[static_cast<size_t>(frame * 40 + band)],
                0.02);
  }
  EXPECT_EQ(preparation.brought(tone(440, 3)).size(), 4000);
  const std::vector<float> silence = preparation.brought({std::vector<float>(100), 8000});
  EXPECT_EQ(loudness(silence), 0);
  for (const float value : features_of(preparation, silence)) EXPECT_NEAR(value, std::log(1e-7), 1e-5);
}

// A tone's energy is its amplitude squared, in the band where it is heard; silence lies around it.
TEST(SoundPreparation, FeaturesAreLogarithmsOfEnergies) {
  const SoundPreparation preparation{.rate = 8000, .seconds = 1, .bands = 20};
  const std::vector<float> samples = tone(1000, 0.4, 8000, 0.3).samples;
  const std::vector<float> row = features_of(preparation, samples);
  const Tensor weights = mel_weights(129, 20, 8000, 50, 4000);
  double energy = 0;
  const int64_t frame = preparation.frames() / 2, band = loudest(preparation, row, frame);
  // Hann's window spreads a tone that hits a frequency over three: 1/4, 1, 1/4.
  for (const auto& [bin, share] : {std::pair(31, 0.25), std::pair(32, 1.0), std::pair(33, 0.25)})
    energy += 0.3 * 0.3 * share * weights.at(bin, band);
  EXPECT_NEAR(row[static_cast<size_t>(frame * 20 + band)], std::log(energy), 0.01);
  EXPECT_NEAR(row[static_cast<size_t>(band)], std::log(1e-7), 1e-5);
  // Later by a tenth of a second: ten frames.
  const std::vector<float> later = features_of(preparation, samples, 800);
  for (int64_t f = 0; f + 10 < preparation.frames(); ++f)
    EXPECT_NEAR(later[static_cast<size_t>((f + 10) * 20 + band)], row[static_cast<size_t>(f * 20 + band)],
                1e-4);
  // Beyond either end nothing is left of it.
  for (const int64_t away : {9000, -9000})
    for (const float value : features_of(preparation, samples, away))
      EXPECT_NEAR(value, std::log(1e-7), 1e-5);
}

TEST(SoundPreparation, MfccAreTheCosineTransformOfBands) {
  SoundPreparation preparation{.rate = 8000, .seconds = 0.3, .bands = 12, .coefficients = 5};
  const std::vector<float> samples = tone(700, 0.2).samples;
  const std::vector<float> bands = features_of(preparation, samples);
  preparation.features = "mfcc";
  EXPECT_EQ(preparation.width(), 5);
  const std::vector<float> row = features_of(preparation, samples);
  for (int64_t f = 0; f < preparation.frames(); ++f) {
    const float* from = bands.data() + f * 12;
    EXPECT_NEAR(row[static_cast<size_t>(f * 5)], std::accumulate(from, from + 12, 0.0) / std::sqrt(12), 1e-3);
  }
}

TEST(SoundPreparation, TravelsAndIsChecked) {
  const SoundPreparation preparation{.rate = 16000,
                                     .seconds = 0.7,
                                     .features = "mfcc",
                                     .bands = 30,
                                     .coefficients = 13,
                                     .window = 0.025,
                                     .stride = 0.02,
                                     .least = 100};
  const auto back = SoundPreparation::from_json(preparation.to_json(), "sound.json");
  EXPECT_EQ(back.to_json(), preparation.to_json());
  EXPECT_EQ(back.frames(), 1 + (11200 - 512) / 320);
  EXPECT_EQ(features_of(back, tone(440, 0.3).samples), features_of(preparation, tone(440, 0.3).samples));
  for (const char* text :
       {"{}", "[]", R"({"rate": 0, "seconds": 1, "features": "mel", "bands": 40})",
        R"({"rate": 8000, "seconds": 0, "features": "mel", "bands": 40})",
        R"({"rate": 8000, "seconds": 1, "features": "x", "bands": 40})",
        R"({"rate": 8000, "seconds": 1, "features": "mel", "bands": 0})",
        R"({"rate": 8000, "seconds": 1, "features": "mfcc", "bands": 12, "coefficients": 13})",
        R"({"rate": 8000, "seconds": 1, "features": "mel", "bands": 40, "least": 4000})",
        R"({"rate": 1000000, "seconds": 3600, "features": "mel", "bands": 40})",
        R"({"rate": 8000, "seconds": 3600, "features": "mel", "bands": 1024, "stride": 1e-9})"})
    EXPECT_THAT(error_of([&] { SoundPreparation::from_json(Json::parse(text), "sound.json"); }),
                HasSubstr("sound.json"))
        << text;
}

TEST(SoundPreparation, UnreadableOnesAreNamed) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "bad.wav", "no sound");
  write_wav(folder / "short.wav", tone(440, 0.2));
  write_wav(folder / "long.wav", tone(440, 0.8));
  const SoundPreparation preparation{.seconds = 0.4};
  const PreparedSounds sounds = prepare_sounds(
      {{folder / "bad.wav"}, {folder / "short.wav"}, {folder / "none.wav"}, {folder / "long.wav"}},
      preparation);
  EXPECT_THAT(sounds.kept, ElementsAre(1, 3));
  EXPECT_THAT(sounds.said, ElementsAre(HasSubstr("bad.wav: expected a sound"), HasSubstr("none.wav")));
  EXPECT_THAT(sounds.cut, ElementsAre(folder / "long.wav"));
  EXPECT_EQ(sounds.x.shape(), Shape({2, preparation.frames(), 40}));
  EXPECT_EQ(sounds.samples[1]->size(), 3200);
  EXPECT_THAT(error_of([&] { prepare_sounds({{folder / "bad.wav"}}, preparation); }), HasSubstr("bad.wav"));
  EXPECT_THAT(error_of([&] { prepare_sounds({}, preparation); }), HasSubstr("found none"));
  // What an archive holds is no file.
  const PreparedSounds inside =
      prepare_sounds({{"in/archive.wav", read_file(folder / "short.wav")}}, preparation);
  for (int64_t i = 0; i < inside.x.count(); ++i) ASSERT_EQ(inside.x.at(i), sounds.x.at(i));
}

SoundAugmentation augmentation(const SoundChanges& changes) {
  const SoundPreparation preparation{.rate = 8000, .seconds = 1};
  SoundAugmentation::Samples samples;
  for (const double frequency : {300.0, 600.0, 1200.0})
    samples.push_back(std::make_shared<const std::vector<float>>(preparation.brought(tone(frequency, 0.5))));
  return {preparation, samples, changes};
}

std::vector<float> row_of(const SoundAugmentation& changes, int64_t pass, int64_t number) {
  const SoundPreparation preparation{.rate = 8000, .seconds = 1};
  std::vector<float> row(static_cast<size_t>(preparation.frames() * preparation.width()));
  changes.apply(nullptr, DType::float32, {preparation.frames(), preparation.width()}, pass, number,
                row.data());
  return row;
}

TEST(SoundAugmentation, IsAFunctionOfSeedPassAndRow) {
  const SoundChanges changes{.shift = 0.1, .noise = 0.2, .speed = 0.1, .seed = 3};
  const std::vector<float> row = row_of(augmentation(changes), 2, 1);
  EXPECT_EQ(row_of(augmentation(changes), 2, 1), row);
  EXPECT_NE(row_of(augmentation(changes), 3, 1), row);
  EXPECT_NE(row_of(augmentation(changes), 2, 0), row);
  SoundChanges other = changes;
  other.seed = 4;
  EXPECT_NE(row_of(augmentation(other), 2, 1), row);
  EXPECT_NE(augmentation(other).description(), augmentation(changes).description());
  EXPECT_EQ(row_of(*augmentation(changes).of({2, 1}), 2, 0), row_of(*augmentation(changes).of({2}), 2, 0));
}

TEST(SoundAugmentation, EachChangeDoesWhatItSays) {
  int64_t later = 0;
  const std::vector<float> plain = augmentation({}).changed(0, 0, later);
  EXPECT_EQ(later, 0);
  EXPECT_EQ(plain, SoundPreparation().brought(tone(300, 0.5)));

  int64_t earliest = 0, latest = 0;
  for (int64_t pass = 0; pass < 200; ++pass) {
    EXPECT_EQ(augmentation({.shift = 0.1}).changed(pass, 0, later), plain);
    earliest = std::min(earliest, later), latest = std::max(latest, later);
  }
  EXPECT_LT(earliest, -700);
  EXPECT_GT(latest, 700);
  EXPECT_GE(earliest, -800);
  EXPECT_LE(latest, 800);

  double loudest_noise = 0;
  int clean = 0;
  for (int64_t pass = 0; pass < 50; ++pass) {
    std::vector<float> noisy = augmentation({.noise = 0.5}).changed(pass, 0, later);
    if (noisy == plain) {
      ++clean;
      continue;
    }
    ASSERT_EQ(noisy.size(), 8000u);  // the silence around is noisy too
    loudest_noise = std::max(loudest_noise, loudness(std::span(noisy).first(2000)) / kLoudness);
  }
  EXPECT_GT(loudest_noise, 0.45);
  EXPECT_LT(loudest_noise, 0.52);
  EXPECT_GT(clean, 15);  // about half
  EXPECT_LT(clean, 35);

  size_t shortest = 8000, longest = 0;
  for (int64_t pass = 0; pass < 200; ++pass) {
    const std::vector<float> paced = augmentation({.speed = 0.2}).changed(pass, 1, later);
    shortest = std::min(shortest, paced.size()), longest = std::max(longest, paced.size());
    // What is faster is higher.
    const double pitch = 600 * 4000 / static_cast<double>(paced.size());
    EXPECT_GT(amplitude_of(std::span(paced).subspan(500, 2000), pitch, 8000), 0.12) << paced.size();
  }
  EXPECT_NEAR(static_cast<double>(shortest), 4000 / 1.2, 40);
  EXPECT_NEAR(static_cast<double>(longest), 4000 / 0.8, 60);
}

TEST(SoundAugmentation, RefusesWhatItCannotChange) {
  EXPECT_THAT(error_of([] { augmentation({.shift = -1}); }), HasSubstr("shift: expected"));
  EXPECT_THAT(error_of([] { augmentation({.noise = -1}); }), HasSubstr("noise: expected"));
  EXPECT_THAT(error_of([] { augmentation({.speed = 0.9}); }), HasSubstr("speed: expected"));
  EXPECT_THAT(error_of([] { augmentation({}).check({3, 4}); }), HasSubstr("expected rows of"));
  EXPECT_THAT(error_of([] { row_of(augmentation({}), 0, 3); }), HasSubstr("a row below 3, got 3"));
}

}  // namespace
}  // namespace folio
