#include "folio/base/random.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

namespace folio {
namespace {

using Words = std::array<uint32_t, 4>;

// The known answers published with Random123, the reference of the generator.
TEST(Philox, GivesTheKnownAnswers) {
  EXPECT_EQ(philox({0, 0, 0, 0}, {0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  constexpr uint32_t kOnes = 0xffffffff;
  EXPECT_EQ(philox({kOnes, kOnes, kOnes, kOnes}, {kOnes, kOnes}),
            (Words{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(RandomStream, WordsAreThoseOfTheirPhiloxBlock) {
  const RandomStream stream{0x0123456789abcdef, 7, 9};
  for (uint32_t feature : {0u, 1u, 2u, 3u, 4u, 17u, 1000003u}) {
    const Words block = philox({feature / 4, 5, 7, 9}, {0x89abcdef, 0x01234567});
    EXPECT_EQ(stream.word(5, feature), block[feature % 4]);
  }
}

TEST(RandomStream, SeedSiteStepRowAndFeatureAllMatter) {
  const RandomStream stream{1, 2, 3};
  const uint32_t word = stream.word(4, 5);
  EXPECT_NE(word, (RandomStream{2, 2, 3}.word(4, 5)));
  EXPECT_NE(word, (RandomStream{1 + (uint64_t{1} << 32), 2, 3}.word(4, 5)));
  EXPECT_NE(word, (RandomStream{1, 3, 3}.word(4, 5)));
  EXPECT_NE(word, (RandomStream{1, 2, 4}.word(4, 5)));
  EXPECT_NE(word, stream.word(5, 5));
  EXPECT_NE(word, stream.word(4, 6));
}

// Bounds below are five standard deviations of the statistic; the words are fixed, so the tests cannot
// flicker.
TEST(RandomStream, UniformNumbersFillTheInterval) {
  constexpr int kBins = 64, kRows = 40, kFeatures = 1600, kCount = kRows * kFeatures;
  const RandomStream stream{42, 1, 0};
  std::vector<int> bins(kBins);
  double sum = 0, squares = 0;
  for (int row = 0; row < kRows; ++row)
    for (int feature = 0; feature < kFeatures; ++feature) {
      const double u = stream.uniform(row, feature);
      ASSERT_GE(u, 0);
      ASSERT_LT(u, 1);
      sum += u;
      squares += u * u;
      ++bins[static_cast<int>(u * kBins)];
    }
  EXPECT_NEAR(sum / kCount, 1.0 / 2, 5 * std::sqrt(1.0 / 12 / kCount));
  EXPECT_NEAR(squares / kCount, 1.0 / 3, 5 * std::sqrt(4.0 / 45 / kCount));
  double chi_square = 0;
  for (int count : bins) chi_square += std::pow(count - kCount / kBins, 2) / (kCount / kBins);
  EXPECT_NEAR(chi_square, kBins - 1, 5 * std::sqrt(2.0 * (kBins - 1)));
}

TEST(RandomStream, NeighboursDoNotCorrelate) {
  constexpr int kCount = 50000;
  const RandomStream stream{7, 0, 0};
  double along_features = 0, along_rows = 0, along_steps = 0;
  for (int i = 0; i < kCount; ++i) {
    const double u = stream.uniform(0, i) - 0.5;
    along_features += u * (stream.uniform(0, i + 1) - 0.5);
    along_rows += u * (stream.uniform(1, i) - 0.5);
    along_steps += u * (RandomStream{7, 0, 1}.uniform(0, i) - 0.5);
  }
  const double bound = 5.0 / 12 * std::sqrt(kCount);
  EXPECT_LT(std::abs(along_features), bound);
  EXPECT_LT(std::abs(along_rows), bound);
  EXPECT_LT(std::abs(along_steps), bound);
}

TEST(RandomStream, NormalNumbersHaveTheMomentsOfTheNormalDistribution) {
  constexpr int kCount = 100000;
  const RandomStream stream{3, 1, 4};
  double sums[5] = {};
  int within_one = 0;
  for (int i = 0; i < kCount; ++i) {
    const double z = stream.normal(i / 1000, i % 1000);
    ASSERT_TRUE(std::isfinite(z));
    for (int power = 1; power <= 4; ++power) sums[power] += std::pow(z, power);
    within_one += std::abs(z) < 1;
  }
  EXPECT_NEAR(sums[1] / kCount, 0, 5 * std::sqrt(1.0 / kCount));
  EXPECT_NEAR(sums[2] / kCount, 1, 5 * std::sqrt(2.0 / kCount));
  EXPECT_NEAR(sums[3] / kCount, 0, 5 * std::sqrt(15.0 / kCount));
  EXPECT_NEAR(sums[4] / kCount, 3, 5 * std::sqrt(96.0 / kCount));
  EXPECT_NEAR(within_one / double{kCount}, 0.6826895, 5 * std::sqrt(0.2166 / kCount));
}

TEST(RandomStream, BelowCoversItsRangeEvenly) {
  constexpr int kBound = 7, kCount = 70000;
  const RandomStream stream{11, 0, 0};
  std::vector<int> counts(kBound);
  for (int i = 0; i < kCount; ++i) {
    const uint32_t value = stream.below(0, i, kBound);
    ASSERT_LT(value, static_cast<uint32_t>(kBound));
    ++counts[value];
  }
  for (int count : counts) EXPECT_NEAR(count, kCount / kBound, 5 * std::sqrt(kCount / kBound));
  EXPECT_EQ(stream.below(0, 0, 1), 0u);
}

}  // namespace
}  // namespace folio
