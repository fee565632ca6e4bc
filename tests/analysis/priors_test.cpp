#include "folio/analysis/priors.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "folio/base/random.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

double sigmoid(double z) { return 1 / (1 + std::exp(-z)); }
double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::numbers::sqrt2); }

TEST(Priors, ReweightingIsBayesRuleWithOtherPriors) {
  const double likelihoods[] = {0.3, 0.05, 1.2};
  const auto posterior = [&](const std::vector<double>& priors) {
    double sum = 0;
    for (size_t c = 0; c < 3; ++c) sum += likelihoods[c] * priors[c];
    Tensor row({1, 3}, DType::float64);
    for (int64_t c = 0; c < 3; ++c) row.set(c, likelihoods[c] * priors[static_cast<size_t>(c)] / sum);
    return row;
  };
  const std::vector<double> old_priors = {0.6, 0.3, 0.1}, new_priors = {0.05, 0.9, 0.05};
  const Tensor result = reweight(posterior(old_priors), old_priors, new_priors),
               wanted = posterior(new_priors);
  for (int64_t c = 0; c < 3; ++c) EXPECT_NEAR(result.at(c), wanted.at(c), 1e-15);
  const Tensor back = reweight(result, new_priors, old_priors);
  for (int64_t c = 0; c < 3; ++c) EXPECT_NEAR(back.at(c), posterior(old_priors).at(c), 1e-15);
}

TEST(Priors, SigmoidColumnsKeepShapeAndType) {
  for (const Shape& shape : {Shape{3}, Shape{3, 1}}) {
    const Tensor column = Tensor::of<float>(shape, {0.0F, 0.25F, 1.0F});
    const Tensor result = reweight(column, {0.9, 0.1}, {0.5, 0.5});
    EXPECT_EQ(result.shape(), shape);
    EXPECT_EQ(result.dtype(), DType::float32);
    EXPECT_EQ(result.at(0), 0);
    EXPECT_NEAR(result.at(1), 0.25 * 5 / (0.25 * 5 + 0.75 / 1.8), 1e-7);
    EXPECT_EQ(result.at(2), 1);
  }
}

TEST(Priors, ExtremesAreDefined) {
  const Tensor sure = Tensor::of<double>({1, 2}, {1, 0});
  EXPECT_EQ(reweight(sure, {0.5, 0.5}, {0, 1}).at(1), 1);  // no class left: the priors
  EXPECT_EQ(reweight(sure, {1, 0}, {1, 0}).at(0), 1);      // a class there never was and never will be
  const Tensor tiny = reweight(Tensor::of<double>({1, 2}, {1e-300, 1}), {1e-300, 1}, {1, 0});
  EXPECT_EQ(tiny.at(0), 1);
  EXPECT_NE(error_of([&] {
              reweight(sure, {1, 0}, {0.5, 0.5});
            }).find("class 1 has the old prior 0"),
            std::string::npos);
  EXPECT_NE(error_of([&] {
              reweight(Tensor::of<double>({1, 2}, {3, -2}), {0.5, 0.5}, {0.5, 0.5});
            }).find("logits"),
            std::string::npos);
  EXPECT_NE(error_of([&] {
              reweight(Tensor::of<double>({1, 2}, {0.3, 0.3}), {0.5, 0.5}, {0.5, 0.5});
            }).find("0.6"),
            std::string::npos);
  EXPECT_NE(error_of([&] { reweight(sure, {1}, {1}); }), "");
  EXPECT_NE(error_of([&] { reweight(sure.reshaped({1, 1, 2}), {0.5, 0.5}, {0.5, 0.5}); }), "");
  EXPECT_EQ(reweight(Tensor({0, 2}), {0.5, 0.5}, {0.5, 0.5}).count(), 0);
}

/// Class C is normal around -1 or 1 with deviation 1, so log P(x|1) / P(x|0) = 2 x: a model that knows is
/// calibrated.
struct Calibrated {
  explicit Calibrated(double prior, int64_t rows = 40000) : posteriors({rows}, DType::float64), y({rows}) {
    const RandomStream stream{5, 0, 0};
    for (int64_t r = 0; r < rows; ++r) {
      const bool positive = stream.uniform(0, static_cast<uint32_t>(r)) < prior;
      const double x = stream.normal(1, static_cast<uint32_t>(r)) + (positive ? 1 : -1);
      posteriors.set(r, sigmoid(2 * x + std::log(kTrained / (1 - kTrained))));
      y.set(r, positive);
    }
  }
  static constexpr double kTrained = 0.1;
  Tensor posteriors, y;
};

TEST(Priors, RecallMovesAsTheorySays) {
  const Calibrated data(0.3);
  for (double prior : {0.02, 0.1, 0.3, 0.5, 0.9}) {
    const Tensor moved = reweight(data.posteriors, {0.9, 0.1}, {1 - prior, prior});
    double positives = 0, found = 0;
    for (int64_t r = 0; r < moved.count(); ++r) {
      positives += data.y.at(r);
      found += data.y.at(r) * (moved.at(r) > 0.5);
    }
    // Positive beyond x = ½ log((1 - p) / p), so recall is 1 - Φ(x - 1); five standard errors.
    const double theory = 1 - normal_cdf(0.5 * std::log((1 - prior) / prior) - 1);
    EXPECT_NEAR(found / positives, theory, 5 * std::sqrt(theory * (1 - theory) / positives)) << prior;
  }
}

TEST(Priors, AreEstimatedWithoutLabels) {
  for (double prior : {0.05, 0.3, 0.8}) {
    const Calibrated data(prior);
    const PriorEstimate estimate = estimate_priors(data.posteriors, {0.9, 0.1});
    EXPECT_TRUE(estimate.converged);
    EXPECT_NEAR(estimate.priors[1], prior, 0.015);
    EXPECT_NEAR(estimate.priors[0] + estimate.priors[1], 1, 1e-12);
    double mean = 0;  // the fixed point: the mean of the posteriors is the prior
    for (int64_t r = 0; r < estimate.posteriors.count(); ++r)
      mean += estimate.posteriors.at(r) / static_cast<double>(estimate.posteriors.count());
    EXPECT_NEAR(mean, estimate.priors[1], 1e-9);
  }
  EXPECT_NE(error_of([] { estimate_priors(Tensor({0, 2}), {0.5, 0.5}); }), "");
}

TEST(Priors, CostsMoveTheThreshold) {
  EXPECT_EQ(cost_threshold(1, 1), 0.5);
  EXPECT_EQ(cost_threshold(1, 9), 0.1);
  EXPECT_NE(error_of([] { cost_threshold(0, 0); }), "");
  EXPECT_NE(error_of([] { cost_threshold(-1, 2); }), "");
  const Tensor column = Tensor::of<double>({4}, {0.05, 0.099, 0.101, 0.9});
  const Tensor decided = decide(column, Tensor::of<double>({2, 2}, {0, 1, 9, 0}));
  EXPECT_EQ(std::vector<int64_t>(decided.data<int64_t>(), decided.data<int64_t>() + 4),
            (std::vector<int64_t>{0, 0, 1, 1}));
  const Tensor three = Tensor::of<double>({1, 3}, {0.5, 0.3, 0.2});
  EXPECT_EQ(decide(three, Tensor::of<double>({3, 3}, {0, 1, 1, 1, 0, 1, 1, 1, 0})).at(0), 0);
  EXPECT_EQ(decide(three, Tensor::of<double>({3, 3}, {0, 1, 1, 1, 0, 1, 9, 9, 0})).at(0), 2);
  EXPECT_NE(error_of([&] { decide(three, Tensor({2, 2})); }).find("(3, 3)"), std::string::npos);
}

TEST(Priors, ThresholdsMoveWithThem) {
  for (double threshold : {0.1, 0.5, 0.8}) {
    const double own = reweighted_threshold(threshold, 0.1, 0.6);
    const Tensor at = reweight(Tensor::of<double>({1}, {own}), {0.9, 0.1}, {0.4, 0.6});
    EXPECT_NEAR(at.at(0), threshold, 1e-12);
  }
  EXPECT_NEAR(reweighted_threshold(0.5, 0.1, 0.5), 0.1, 1e-15);
  EXPECT_NE(error_of([] { reweighted_threshold(0.5, 0, 0.5); }), "");
}

TEST(Priors, SharesOfClasses) {
  EXPECT_EQ(class_shares(Tensor::of<int64_t>({4}, {0, 2, 2, 0}), 3), (std::vector<double>{0.5, 0, 0.5}));
  EXPECT_NE(error_of([] { class_shares(Tensor::of<int64_t>({1}, {3}), 3); }).find("from 0 to 2, got 3"),
            std::string::npos);
  EXPECT_NE(error_of([] { class_shares(Tensor::of<double>({1}, {0.5}), 3); }), "");
}

}  // namespace
}  // namespace folio
