#include "folio/analysis/bayes.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/base/files_for_tests.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

TEST(Bayes, TheSheetsExample) {  // P(F) = 4/70, P(G) = 66/70, P(x|F) = 0.2, P(x|G) = 0.8
  const Tensor likelihoods = Tensor::of<double>({1, 2}, {0.2, 0.8});
  const std::vector<double> priors = {4.0 / 70, 66.0 / 70};
  EXPECT_NEAR(evidence(likelihoods, priors).at(0), 53.6 / 70, 1e-15);
  const Tensor result = posterior(likelihoods, priors);
  EXPECT_NEAR(result.at(0), 0.8 / 53.6, 1e-15);
  EXPECT_NEAR(result.at(1), 52.8 / 53.6, 1e-15);
  EXPECT_NEAR(result.at(0), 0.0149, 5e-5);
  EXPECT_NEAR(result.at(1), 0.9851, 5e-5);
}

TEST(Bayes, TableOfLikelihoods) {
  // Observations: the thing is seen, or not.
  BayesClassifier classifier(Tensor::of<double>({2, 2}, {0.2, 0.8, 0.8, 0.2}), {4.0 / 70, 66.0 / 70});
  const Tensor seen = classifier.predict_proba(Tensor::of<int64_t>({3}, {0, 1, 0}));
  EXPECT_NEAR(seen.at(0), 0.8 / 53.6, 1e-15);
  EXPECT_NEAR(seen.at(2), 3.2 / 16.4, 1e-15);
  EXPECT_EQ(classifier.predict(Tensor::of<int64_t>({1}, {1})).at(0), 1);
  classifier.set_priors({0.5, 0.5});
  EXPECT_NEAR(classifier.predict_proba(Tensor::of<int64_t>({1}, {0})).at(0), 0.2, 1e-15);
  EXPECT_EQ(classifier.predict(Tensor::of<int64_t>({1}, {1})).at(0), 0);
  EXPECT_NE(error_of([&] { classifier.predict(Tensor::of<int64_t>({1}, {2})); }).find("from 0 to 1, got 2"),
            std::string::npos);
  EXPECT_NE(error_of([&] { classifier.set_priors({1}); }), "");
}

TEST(Bayes, EqualsTheFormula) {
  RandomNumbers random(1);
  for (int round = 0; round < 200; ++round) {
    const int64_t rows = random.whole(1, 4), classes = random.whole(1, 5);
    const Tensor likelihoods = random.tensor({rows, classes}, 0, 3);
    std::vector<double> priors;
    double sum = 0;
    for (int64_t c = 0; c < classes; ++c) sum += priors.emplace_back(random.between(0.01, 1));
    for (double& prior : priors) prior /= sum;
    const Tensor result = posterior(likelihoods, priors), px = evidence(likelihoods, priors);
    for (int64_t r = 0; r < rows; ++r) {
      double total = 0;
      for (int64_t c = 0; c < classes; ++c) {
        EXPECT_NEAR(result.at(r * classes + c),
                    likelihoods.at(r * classes + c) * priors[static_cast<size_t>(c)] / px.at(r), 1e-12);
        total += result.at(r * classes + c);
      }
      EXPECT_NEAR(total, 1, 1e-12);
    }
  }
}

TEST(Bayes, NothingUnderflows) {
  const Tensor logs = Tensor::of<double>({3, 2}, {-1e5, -1e5 - 1, -1e300, -INFINITY, -INFINITY, -INFINITY});
  const Tensor result = log_posterior(logs, {0.25, 0.75});
  EXPECT_NEAR(std::exp(result.at(0)), 1 / (1 + 3 * std::exp(-1)), 1e-10);
  EXPECT_EQ(result.at(2), 0);
  EXPECT_EQ(result.at(3), -INFINITY);
  EXPECT_NEAR(std::exp(result.at(4)), 0.25, 1e-15);  // impossible: the priors stay
  EXPECT_NEAR(std::exp(result.at(5)), 0.75, 1e-15);
}

TEST(Bayes, RefusesWhatIsNoProbability) {
  const Tensor good = Tensor::of<double>({1, 2}, {0.2, 0.8});
  EXPECT_NE(error_of([&] { posterior(good, {0.5}); }).find("each of the 2 classes, got 1"),
            std::string::npos);
  EXPECT_NE(error_of([&] { posterior(good, {0.5, 0.4}); }).find("add up to 1, got 0.9"), std::string::npos);
  EXPECT_NE(error_of([&] { posterior(good, {1.5, -0.5}); }).find("not negative"), std::string::npos);
  for (double value : {-0.1, double{NAN}, double{INFINITY}})
    EXPECT_NE(error_of([&] { posterior(Tensor::of<double>({1, 2}, {0.2, value}), {0.5, 0.5}); }), "");
  EXPECT_NE(error_of([&] {
              posterior(good.reshaped({2}), {0.5, 0.5});
            }).find("(rows, classes)"),
            std::string::npos);
  EXPECT_NE(error_of([] { log_posterior(Tensor::of<double>({1, 1}, {INFINITY}), {1}); }), "");
}

}  // namespace
}  // namespace folio
