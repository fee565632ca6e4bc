#include "folio/sound/spectrum.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "folio/data/npy.h"
#include "tests/base/files_for_tests.h"
#include "tests/sound/sounds_for_tests.h"

namespace folio {
namespace {

using testing::HasSubstr;

std::vector<int64_t> numbers_of(const std::string& name) {
  std::vector<int64_t> numbers;
  for (size_t at = name.find('_'); at != std::string::npos; at = name.find('_', at + 1))
    numbers.push_back(std::stoll(name.substr(at + 1)));
  return numbers;
}

TEST(Spectrum, IsAsInKerasAndSciPy) {
  std::map<std::string, Tensor> arrays;
  for (const auto& [name, array] : read_npz(golden_path(__FILE__, "spectra.npz"))) arrays[name] = array;
  const Tensor& x = arrays.at("x");
  int powers = 0, weights = 0, cosines = 0;
  for (const auto& [name, wanted] : arrays) {
    const std::vector<int64_t> n = numbers_of(name);
    Tensor got;
    if (name.starts_with("power_")) {
      got = stft_power({x.data<float>(), static_cast<size_t>(x.count())}, {n[0], n[1], n[2]}), ++powers;
    } else if (name.starts_with("mel_")) {
      got = mel_weights(n[0], n[1], n[2], static_cast<double>(n[3]), static_cast<double>(n[4])), ++weights;
    } else if (name.starts_with("dct_")) {
      got = dct(arrays.at("rows"), n[0]), ++cosines;
    } else {
      continue;
    }
    ASSERT_EQ(got.shape(), wanted.shape()) << name;
    double largest = 0;
    for (int64_t i = 0; i < wanted.count(); ++i) largest = std::max(largest, std::abs(wanted.at(i)));
    // Keras computes all of it in float32.
    for (int64_t i = 0; i < wanted.count(); ++i)
      ASSERT_NEAR(got.at(i), wanted.at(i), 1e-5 * largest + 1e-4 * std::abs(wanted.at(i)))
          << name << " at " << i;
  }
  EXPECT_EQ(powers, 4);
  EXPECT_EQ(weights, 3);
  EXPECT_EQ(cosines, 3);
}

// By its definition, sum by sum.
TEST(Spectrum, IsAFourierTransform) {
  const std::vector<float> samples = tone(1234, 0.02).samples;
  const StftOptions options{.fft_length = 64, .sequence_length = 50, .sequence_stride = 30};
  const Tensor power = stft_power(samples, options);
  ASSERT_EQ(power.shape(), Shape({4, 33}));
  for (int64_t f = 0; f < 4; ++f)
    for (int64_t k = 0; k < 33; ++k) {
      std::complex<double> sum = 0;
      for (int64_t i = 0; i < 50; ++i) {
        const double window = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * static_cast<double>(i) / 50);
        sum += window * samples[static_cast<size_t>(f * 30 + 7 + i)] *
               std::polar(1.0, -2 * std::numbers::pi * static_cast<double>(k * (i + 7)) / 64);
      }
      EXPECT_NEAR(power.at(f, k), std::norm(sum), 1e-5) << f << " " << k;
    }
  EXPECT_EQ(stft_frames(63, options), 0);
  EXPECT_EQ(stft_frames(64, options), 1);
  EXPECT_EQ(stft_frames(94, options), 2);
}

TEST(Spectrum, RefusesWhatDoesNotFit) {
  const std::vector<float> samples(100);
  EXPECT_THAT(error_of([&] { stft_power(samples, {.fft_length = 100}); }), HasSubstr("a power of 2"));
  EXPECT_THAT(error_of([&] { stft_power(samples, {.fft_length = 64, .sequence_length = 65}); }),
              HasSubstr("1 to 64"));
  EXPECT_THAT(
      error_of([&] { stft_power(samples, {.fft_length = 64, .sequence_length = 64, .sequence_stride = 0}); }),
      HasSubstr("stride of at least 1"));
  EXPECT_THAT(error_of([&] { stft_power(samples, {}); }), HasSubstr("at least 256 samples"));
  EXPECT_THAT(error_of([&] { mel_weights(129, 40, 8000, 50, 4001); }), HasSubstr("4000"));
  EXPECT_THAT(error_of([&] { mel_weights(129, 40, 8000, 50, 50); }), HasSubstr("least < most"));
  EXPECT_THAT(error_of([&] { dct(Tensor({2, 5}), 6); }), HasSubstr("from 1 to 5"));
}

}  // namespace
}  // namespace folio
