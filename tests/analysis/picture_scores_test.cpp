#include "folio/analysis/picture_scores.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

TEST(PictureScores, AreTheMeanOverPictures) {
  const Tensor truth = Tensor::filled({2, 4, 4, 1}, 0.5);
  Tensor predicted = Tensor::filled({2, 4, 4, 1}, 0.6);
  EXPECT_NEAR(peak_signal_to_noise(truth, predicted), 20, 1e-4);
  EXPECT_NEAR(mean_squared_difference(truth, predicted), 0.01, 1e-8);
  // One picture 20, the other 40: their mean, not that of their errors.
  for (int64_t i = 16; i < 32; ++i) predicted.set(i, 0.49);
  EXPECT_NEAR(peak_signal_to_noise(truth, predicted), 30, 1e-3);
  EXPECT_NEAR(peak_signal_to_noise(truth, predicted, 10), 50, 1e-3);
  EXPECT_EQ(peak_signal_to_noise(truth, truth), 100);
}

TEST(PictureScores, CountWhereTheMaskSays) {
  const Tensor truth({2, 8, 8, 1});
  Tensor predicted = Tensor::filled({2, 8, 8, 1}, 1), mask({2, 8, 8, 1}, DType::uint8);
  mask.set(3, 1), predicted.set(3, 0.1);
  EXPECT_NEAR(peak_signal_to_noise(truth, predicted, 1, mask), 20, 1e-4);
  EXPECT_NE(error_of([&] { peak_signal_to_noise(truth, predicted, 1, Tensor({2, 8, 8, 1})); }), "");
  EXPECT_NE(error_of([&] { peak_signal_to_noise(truth, Tensor({2, 8, 8, 3})); }), "");
}

}  // namespace
}  // namespace folio
