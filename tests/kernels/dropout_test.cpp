#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "folio/base/random.h"
#include "folio/kernels/cpu/functions.h"

namespace folio::cpu {
namespace {

constexpr float kGuard = 4321;
constexpr uint64_t kSeed = 0x0123456789abcdef;
constexpr StreamKey kKey{0x89abcdef, 0x01234567, 5, 77};
const RandomStream kStream{kSeed, 5, 77};

/// What the element becomes: the definition.
float dropped(float x, float rate, int64_t row, int64_t feature) {
  const uint32_t word = kStream.word(static_cast<uint32_t>(row), static_cast<uint32_t>(feature));
  return static_cast<double>(word) >= rate * 0x1p32 ? x * (1 / (1 - rate)) : 0;
}

std::vector<float> ramp(int64_t n) {
  std::vector<float> x(static_cast<size_t>(n));
  for (int64_t i = 0; i < n; ++i) x[static_cast<size_t>(i)] = static_cast<float>(i + 1) * 0.25f;
  return x;
}

TEST(Dropout, PlainUsesTheWordsOfTheRandomStream) {
  for (Isa isa : available_isas())
    for (int64_t features : {0, 1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 32, 33, 64, 100, 1000})
      for (int64_t first_feature : {0, 1, 2, 3, 4, 6, 31, 1021})
        for (float rate : {0.0f, 0.1f, 0.5f, 0.9f}) {
          const int64_t rows = 3, stride = features + 3, first_row = 40;
          const std::vector<float> x = ramp(rows * stride);
          std::vector<float> y(x.size(), kGuard);
          functions(isa).dropout(kKey, rate, first_row, rows, first_feature, features, stride, x.data(),
                                 y.data());
          for (int64_t r = 0; r < rows; ++r)
            for (int64_t f = 0; f < stride; ++f) {
              const int64_t at = r * stride + f;
              ASSERT_EQ(y[at], f < features ? dropped(x[at], rate, first_row + r, first_feature + f) : kGuard)
                  << to_string(isa) << " rate " << rate << " row " << r << " feature " << f << " of "
                  << features << " from " << first_feature;
            }
        }
}

TEST(Dropout, LanesUsesTheWordsOfTheRandomStream) {
  for (Isa isa : available_isas())
    for (int64_t features : {0, 1, 2, 3, 4, 5, 8, 17, 100})
      for (int64_t first_feature : {0, 1, 2, 3, 5, 64})
        for (float rate : {0.0f, 0.25f, 0.7f}) {
          const int64_t first_row = 32;
          const std::vector<float> x = ramp(features * kLanes);
          std::vector<float> y(x.size() + 1, kGuard);
          functions(isa).lanes_dropout(kKey, rate, first_row, first_feature, features, x.data(), y.data());
          ASSERT_EQ(y.back(), kGuard);
          for (int64_t f = 0; f < features; ++f)
            for (int64_t lane = 0; lane < kLanes; ++lane)
              ASSERT_EQ(y[f * kLanes + lane],
                        dropped(x[f * kLanes + lane], rate, first_row + lane, first_feature + f))
                  << to_string(isa) << " rate " << rate << " lane " << lane << " feature " << f;
        }
}

TEST(Dropout, WorksInPlaceAndInPieces) {
  for (Isa isa : available_isas()) {
    const std::vector<float> x = ramp(4 * 50);
    std::vector<float> whole(x.size()), pieces = x;
    functions(isa).dropout(kKey, 0.3f, 0, 4, 0, 50, 50, x.data(), whole.data());
    for (int64_t row = 0; row < 4; ++row)
      for (int64_t first : {0, 13, 26, 39}) {
        float* at = pieces.data() + row * 50 + first;
        functions(isa).dropout(kKey, 0.3f, row, 1, first, std::min<int64_t>(13, 50 - first), 50, at, at);
      }
    EXPECT_EQ(pieces, whole) << to_string(isa);
  }
}

TEST(Dropout, RateOneKeepsNothingAndZeroEverything) {
  for (Isa isa : available_isas()) {
    const std::vector<float> x = ramp(48);
    std::vector<float> y(48, kGuard);
    functions(isa).dropout(kKey, 1.0f, 0, 1, 0, 48, 48, x.data(), y.data());
    EXPECT_EQ(y, std::vector<float>(48, 0.0f));
    functions(isa).lanes_dropout(kKey, 1.0f, 0, 0, 3, x.data(), y.data());
    EXPECT_EQ(y, std::vector<float>(48, 0.0f));
    functions(isa).dropout(kKey, 0.0f, 0, 1, 0, 48, 48, x.data(), y.data());
    EXPECT_EQ(y, x);
  }
}

TEST(Dropout, KeepsTheShareItShould) {
  constexpr int64_t kFeatures = 100000;
  const std::vector<float> x(kFeatures, 1.0f);
  std::vector<float> y(kFeatures);
  for (Isa isa : available_isas())
    for (float rate : {0.1f, 0.5f, 0.8f}) {
      functions(isa).dropout(kKey, rate, 0, 1, 0, kFeatures, kFeatures, x.data(), y.data());
      double kept = 0;
      for (float value : y) kept += value != 0;
      EXPECT_NEAR(kept / kFeatures, 1 - rate, 5 * std::sqrt(rate * (1 - rate) / kFeatures));
    }
}

}  // namespace
}  // namespace folio::cpu
