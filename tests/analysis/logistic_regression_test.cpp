#include "folio/analysis/logistic_regression.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

// One feature and two classes have a minimum that can be written down: rows x = 1 of class 1 and x = -1 of
// class 0, so w = W_1 - W_0 solves w / 2 = 2 C / (1 + e^w), and b is 0.
TEST(LogisticRegression, FindsTheMinimumOfASmallProblem) {
  const SparseRows x{.features = 1, .rows = {{{0, 1}}, {{0, -1}}}};
  const Tensor y = Tensor::of({2}, std::vector<int32_t>{1, 0});
  for (const double C : {0.1, 1.0, 10.0}) {
    LogisticRegression regression({.C = C, .tolerance = 1e-9});
    regression.fit(x, y, 2);
    const auto& w = regression.coefficients();
    const double difference = w[1] - w[0];
    EXPECT_NEAR(difference / 2, 2 * C / (1 + std::exp(difference)), 1e-6) << C;
    EXPECT_NEAR(w[3] - w[2], 0, 1e-6);
    EXPECT_NEAR(regression.predict_proba(x).at(1), 1 / (1 + std::exp(-difference)), 1e-9);
    EXPECT_EQ(regression.score(x, y), 1);
  }
}

// At the minimum the penalty's pull equals the data's, for every feature and class.
TEST(LogisticRegression, EndsWhereTheGradientIsZero) {
  SparseRows x{.features = 4, .rows = {}};
  std::vector<int32_t> classes;
  for (int r = 0; r < 30; ++r) {
    x.rows.push_back({{r % 4, 0.5 + r % 3}});
    if (r % 4 < 3) x.rows.back().push_back({3, std::sin(r)});
    classes.push_back((r * 7 + r / 5) % 3);
  }
  const Tensor y = Tensor::of({30}, classes);
  LogisticRegression regression({.C = 3, .iterations = 500, .tolerance = 1e-8});
  regression.fit(x, y, 3);
  const Tensor shares = regression.predict_proba(x);
  std::vector<double> gradient = regression.coefficients();
  for (int c = 0; c < 3; ++c) gradient[12 + static_cast<size_t>(c)] = 0;
  for (int r = 0; r < 30; ++r)
    for (int c = 0; c < 3; ++c) {
      const double error = shares.at(r, c) - (classes[static_cast<size_t>(r)] == c);
      for (const FeatureEntry& entry : x.rows[static_cast<size_t>(r)])
        gradient[static_cast<size_t>(entry.feature * 3 + c)] += 3 * error * entry.value;
      gradient[static_cast<size_t>(12 + c)] += 3 * error;
    }
  for (const double g : gradient) EXPECT_NEAR(g, 0, 1e-6);
}

TEST(LogisticRegression, RefusesWhatDoesNotFit) {
  const SparseRows x{.features = 1, .rows = {{{0, 1}}}};
  LogisticRegression regression;
  EXPECT_NE(error_of([&] { regression.predict_proba(x); }), "");
  EXPECT_NE(error_of([&] { regression.fit(x, Tensor::of({1}, std::vector<int32_t>{2}), 2); }), "");
  EXPECT_NE(error_of([&] { regression.fit(x, Tensor::of({2}, std::vector<int32_t>{0, 1}), 2); }), "");
}

}  // namespace
}  // namespace folio
