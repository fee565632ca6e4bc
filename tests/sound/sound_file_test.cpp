#include "folio/sound/sound_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstring>
#include <filesystem>

#include "folio/data/npy.h"
#include "folio/sound/resample.h"
#include "tests/base/files_for_tests.h"
#include "tests/sound/sounds_for_tests.h"

namespace folio {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string golden(const std::string& name) { return golden_path(__FILE__, name); }

double largest_difference(const Sound& sound, const Tensor& wanted, double share) {
  double largest = 0;
  for (int64_t i = 0; i < wanted.count(); ++i)
    largest = std::max(largest, std::abs(sound.samples[static_cast<size_t>(i)] - share * wanted.at(i)));
  return largest;
}

// The same tone in files of all kinds: how near, and which share of it.
TEST(Sounds, OfAllKindsOfFiles) {
  const Tensor tone = read_npy(golden("kinds/tone.npy"));
  // Half a step, and another where 1 was written as the largest number, a step below it.
  const auto rounding = [](int bits) { return 1.5 * std::ldexp(1.0, 1 - bits); };
  struct Kind {
    const char* name;
    double near, share = 1;
  };
  for (const Kind& kind :
       {Kind{"pcm-8.wav", 0.02}, Kind{"pcm-16.wav", rounding(16)}, Kind{"pcm-24.wav", rounding(23)},
        Kind{"pcm-32.wav", rounding(23)}, Kind{"float-32.wav", rounding(23)},
        Kind{"float-64.wav", rounding(23)}, Kind{"a-law.wav", 0.02}, Kind{"mu-law.wav", 0.02},
        Kind{"extensible-24.wav", rounding(23)}, Kind{"flac-24.flac", rounding(23)}, Kind{"vorbis.ogg", 0.05},
        Kind{"odd-list-first.wav", rounding(16)}, Kind{"junk-after.wav", rounding(16)},
        Kind{"fmt-18.wav", rounding(16)}, Kind{"streamed-ffffffff.wav", rounding(16)},
        Kind{"upper-case.WAV", rounding(16)}, Kind{"stereo-16.wav", rounding(16), 0.75},
        Kind{"five-channels.wav", rounding(16), 0.5}}) {
    const Sound sound = read_sound(golden(std::string("kinds/") + kind.name));
    EXPECT_EQ(sound.rate, 8000) << kind.name;
    ASSERT_EQ(static_cast<int64_t>(sound.samples.size()), tone.count()) << kind.name;
    EXPECT_LE(largest_difference(sound, tone, kind.share), kind.near) << kind.name;
    EXPECT_TRUE(is_sound_file(kind.name)) << kind.name;
  }
  EXPECT_EQ(sound_info(golden("kinds/five-channels.wav")).channels, 5);
  EXPECT_EQ(sound_info(golden("kinds/vorbis.ogg")).seconds, 1500.0 / 8000);
}

TEST(Sounds, WhatIsNoneIsRefusedByName) {
  EXPECT_EQ(read_sound(golden("kinds/cut-short.wav")).samples.size(), 600);
  for (const auto& [name, what] :
       {std::pair("no-samples.wav", "without samples"), std::pair("streamed-zero.wav", "without samples"),
        std::pair("nothing.wav", "an empty file"),
        std::pair("text.wav", "expected a sound (WAV, FLAC or Ogg)"),
        std::pair("tone.npy", "expected a sound (WAV, FLAC or Ogg)")}) {
    const std::string said = error_of([&] { read_sound(golden(std::string("kinds/") + name)); });
    EXPECT_THAT(said, HasSubstr(std::string(name) + ": ")) << name;
    EXPECT_THAT(said, HasSubstr(what)) << name;
    EXPECT_EQ(said.find('\n'), std::string::npos) << name;
  }
  for (const char* name : {"a.mp3", "._a.wav", "a.wav.txt", "wav"}) EXPECT_FALSE(is_sound_file(name)) << name;
  for (const char* name : {"a.wav", "x/B.Flac", "c.OGG", "d.oga"}) EXPECT_TRUE(is_sound_file(name)) << name;
}

// Rates, channels and numbers of a head, written over.
TEST(Sounds, HeadsThatLieAreRefused) {
  const std::vector<std::byte> wav = read_file(golden("kinds/float-32.wav"));
  const auto with = [&](size_t place, auto value) {
    std::vector<std::byte> bytes = wav;
    std::memcpy(bytes.data() + place, &value, sizeof(value));
    return error_of([&] { decode_sound(bytes, "lie.wav"); });
  };
  constexpr size_t kChannels = 22, kRate = 24;
  EXPECT_THAT(with(kRate, uint32_t{0}), HasSubstr("lie.wav: expected"));
  EXPECT_THAT(with(kRate, uint32_t{99}), HasSubstr("samples a second, got 99"));
  EXPECT_EQ(with(kRate, uint32_t{100}), "");
  EXPECT_THAT(with(kRate, uint32_t{2'000'000'000}), HasSubstr("samples a second, got 2000000000"));
  EXPECT_THAT(with(kChannels, uint16_t{0}), HasSubstr("lie.wav: expected"));
  EXPECT_THAT(with(kChannels, uint16_t{1000}), HasSubstr("lie.wav: expected"));
  EXPECT_THAT(with(wav.size() - 12, NAN), HasSubstr("samples that are numbers, got nan"));
  EXPECT_THAT(with(wav.size() - 12, INFINITY), HasSubstr("samples that are numbers, got inf"));
}

// A pipe's length: no memory is taken for what is not there, and no more is read than asked for.
TEST(Sounds, OnlyWhatIsThereAndAskedForIsRead) {
  const Sound beginning = read_sound(golden("kinds/streamed-ffffffff.wav"), {.seconds = 0.01});
  EXPECT_EQ(beginning.samples.size(), 80);
  EXPECT_EQ(read_sound(golden("kinds/flac-24.flac"), {.seconds = 0.01}).samples.size(), 80);
}

TEST(Sounds, WhatIsWrittenIsRead) {
  const TemporaryFolder folder;
  Sound sound = tone(440, 0.1, 11025);
  sound.samples[3] = 2;
  write_wav(folder / "a.wav", sound);
  const Sound back = read_sound(folder / "a.wav");
  EXPECT_EQ(back.rate, 11025);
  ASSERT_EQ(back.samples.size(), sound.samples.size());
  EXPECT_NEAR(back.samples[3], 1, 1e-4);
  for (size_t i = 4; i < back.samples.size(); ++i) EXPECT_NEAR(back.samples[i], sound.samples[i], 5e-5);
  std::filesystem::create_directories(folder / "b/c");
  write_wav(folder / "b/c/d.wav", sound);
  EXPECT_THAT(sounds_in(folder.path()), ElementsAre(folder / "a.wav", folder / "b/c/d.wav"));
}

// Cut at any byte or damaged in any, a sound is read or refused.
TEST(Sounds, DamageDoesNoHarm) {
  for (const char* name :
       {"kinds/pcm-16.wav", "kinds/extensible-24.wav", "kinds/odd-list-first.wav", "kinds/a-law.wav",
        "kinds/flac-24.flac", "kinds/vorbis.ogg", "kinds/five-channels.wav"}) {
    const std::vector<std::byte> bytes = read_file(golden(name));
    for (size_t length = 0; length < bytes.size(); length += 1 + length / 30) {
      const std::vector<std::byte> part(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(length));
      const std::string said = error_of([&] { decode_sound(part, name); });
      if (length < 44) EXPECT_THAT(said, HasSubstr(name)) << length;
    }
    for (size_t at = 0; at < std::min<size_t>(bytes.size(), 160); ++at)
      for (unsigned value : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
        std::vector<std::byte> damaged = bytes;
        damaged[at] = static_cast<std::byte>(value);
        error_of([&] { EXPECT_LT(decode_sound(damaged, name).samples.size(), 20'000) << name << at; });
      }
    for (uint64_t round = 0; round < 200; ++round) {
      std::vector<std::byte> damaged = bytes;
      for (uint64_t i = 0; i < 1 + round % 4; ++i)
        damaged[(round * 7919 + i * 104729) % damaged.size()] = static_cast<std::byte>(round * 31 + i * 57);
      error_of([&] { decode_sound(damaged, name, {.seconds = 10}); });
    }
  }
}

// What the lower rate cannot hold is left out, not folded back.
TEST(Resample, BringsAllRatesToOne) {
  for (const int64_t rate : {8000, 11025, 22050, 44100, 48000, 96000}) {
    const Sound sound = read_sound(golden("rates/" + std::to_string(rate) + ".flac"));
    ASSERT_EQ(sound.rate, rate);
    const std::vector<float> brought = resample(sound.samples, rate, 8000);
    ASSERT_EQ(brought.size(), 1600) << rate;
    const auto inner = std::span<const float>(brought).subspan(200, 1200);
    EXPECT_NEAR(amplitude_of(inner, 440, 8000), 0.5, 0.01) << rate;
    EXPECT_LT(amplitude_of(inner, 2700, 8000), 0.01) << rate;
  }
}

TEST(Resample, KeepsTonesWhereTheyAre) {
  for (const auto& [from, to] : {std::pair(8000, 16000), std::pair(8000, 11025), std::pair(44101, 8000),
                                 std::pair(100, 97), std::pair(1, 3)}) {
    const double scale = from < 1000 ? 80.0 : 1;
    const Sound sound = tone(440 / scale, from < 1000 ? 20 : 0.5, from);
    if (from == 1) {
      // What is constant stays so, to the ends but for the filter's reach.
      const std::vector<float> flat(100, 0.25F), more = resample(flat, from, to);
      ASSERT_EQ(more.size(), 300);
      for (size_t i = 90; i < 210; ++i) EXPECT_NEAR(more[i], 0.25, 1e-6);
      continue;
    }
    const std::vector<float> brought = resample(sound.samples, from, to);
    EXPECT_NEAR(static_cast<double>(brought.size()), static_cast<double>(sound.samples.size()) * to / from,
                1);
    // The very samples of the tone at the other rate.
    const Sound wanted = tone(440 / scale, from < 1000 ? 20 : 0.5, to);
    const size_t n = std::min(brought.size(), wanted.samples.size());
    for (size_t i = n / 4; i < 3 * n / 4; ++i)
      ASSERT_NEAR(brought[i], wanted.samples[i], 2e-3) << from << " to " << to << " at " << i;
  }
  EXPECT_EQ(resample(std::vector<float>{}, 8000, 16000).size(), 0);
  EXPECT_EQ(resample(std::vector<float>{0.5F}, 8000, 16000).size(), 2);
  EXPECT_THAT(error_of([&] { resample(std::vector<float>{1}, 0, 8000); }), HasSubstr("rates of at least 1"));
}

}  // namespace
}  // namespace folio
