#include "folio/analysis/verdict.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>

#include "folio/analysis/naive_bayes.h"
#include "folio/data/dataset.h"
#include "folio/layers/all.h"
#include "tests/base/files_for_tests.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

History history_of(std::vector<std::pair<std::string, std::vector<double>>> series) {
  History history;
  history.series = std::move(series);
  return history;
}

TEST(Verdict, JudgesByAccuracy) {
  const auto judged = [](double training, double validation) {
    return verdict(history_of({{"accuracy", {0.1, training}}, {"val_accuracy", {0.1, validation}}})).fit;
  };
  const auto last = [](double training, double validation) {
    return verdict(history_of({{"accuracy", {training}}, {"val_accuracy", {validation}}})).fit;
  };
  EXPECT_EQ(last(0.60, 0.59), Fit::underfit);
  EXPECT_EQ(last(0.89, 0.91), Fit::underfit);
  EXPECT_EQ(last(0.70, 0.60), Fit::underfit);  // the training error is the larger fault
  EXPECT_EQ(last(0.85, 0.60), Fit::overfit);
  EXPECT_EQ(last(1.00, 0.85), Fit::overfit);
  EXPECT_EQ(last(0.92, 0.86), Fit::overfit);
  EXPECT_EQ(last(1.00, 0.97), Fit::fine);
  EXPECT_EQ(last(0.95, 0.97), Fit::fine);
  EXPECT_EQ(judged(0.97, 0.96), Fit::fine);
}

TEST(Verdict, SaysTheNumbersAndTheRemedy) {
  const Verdict result = verdict(history_of({{"accuracy", {1.0}}, {"val_accuracy", {0.75}}}));
  EXPECT_EQ(result.training_error, 0);
  EXPECT_EQ(result.validation_error, 0.25);
  EXPECT_EQ(result.text(),
            "overfit: accuracy 1 in training, 0.75 in validation: the gap of 0.25 is wide, so it knows the "
            "training data "
            "better than what they stand for (high variance). Try more training data or augmentation, "
            "dropout, an L1 or "
            "L2 penalty, early stopping, or a smaller network.");
  EXPECT_NE(verdict(history_of({{"acc", {0.5}}, {"val_acc", {0.5}}})).advice.find("larger network"),
            std::string::npos);
  EXPECT_EQ(verdict(history_of({{"accuracy", {0.75}}, {"val_accuracy", {0.74}}}), {.wanted_error = 0.3}).fit,
            Fit::fine);
}

TEST(Verdict, JudgesByLoss) {
  const auto judged = [](double training, double validation, double baseline) {
    return verdict(history_of({{"loss", {4, training, training, training}},
                               {"val_loss", {4, validation, validation, validation}}}),
                   {.baseline = baseline})
        .fit;
  };
  EXPECT_EQ(judged(3, 3.1, 0), Fit::underfit);  // measured by the first epoch, 4
  EXPECT_EQ(judged(1, 1.1, 0), Fit::fine);
  EXPECT_EQ(judged(1, 1.1, 1.5), Fit::underfit);
  EXPECT_EQ(judged(0.5, 2, 0), Fit::overfit);
  const History zeros = history_of({{"loss", {0, 0}}, {"val_loss", {0, 0}}});
  EXPECT_EQ(verdict(zeros).fit, Fit::fine);
}

TEST(Verdict, SeesTrainingGoOnTooLong) {
  const History late = history_of({{"loss", {1, 0.5, 0.4, 0.3, 0.2, 0.1}},
                                   {"accuracy", {0.7, 0.9, 0.92, 0.94, 0.95, 0.96}},
                                   {"val_loss", {1, 0.5, 0.4, 0.5, 0.6, 0.7}},
                                   {"val_accuracy", {0.7, 0.9, 0.92, 0.92, 0.92, 0.92}}});
  const Verdict result = verdict(late);
  EXPECT_EQ(result.fit, Fit::overfit);
  EXPECT_EQ(result.best_epoch, 2);
  EXPECT_NE(result.reason.find("best after epoch 3 (0.4)"), std::string::npos) << result.reason;
  History wild = late;  // one bad epoch at the end is no rise
  wild.series[2].second = {1, 0.5, 0.4, 0.39, 0.38, 0.9};
  EXPECT_EQ(verdict(wild).fit, Fit::fine);
}

TEST(Verdict, SeesTrainingEndTooSoon) {
  const History falling = history_of({{"loss", {1, 0.9, 0.8, 0.7}}, {"val_loss", {1, 0.9, 0.8, 0.7}}});
  EXPECT_EQ(verdict(falling).advice.find("Both losses are still falling: train longer first."), 0u);
  const History settled = history_of({{"loss", {1, 0.7, 0.7, 0.7}}, {"val_loss", {1, 0.7, 0.7, 0.7}}});
  EXPECT_EQ(verdict(settled).advice.find("still falling"), std::string::npos);
}

TEST(Verdict, KnowsWhatItCannotKnow) {
  EXPECT_EQ(verdict(History()).fit, Fit::unknown);
  EXPECT_NE(verdict(history_of({{"loss", {1, 0.5}}})).advice.find("validation_data"), std::string::npos);
  EXPECT_NE(verdict(history_of({{"loss", {1, NAN}}, {"val_loss", {1, NAN}}})).reason.find("diverged"),
            std::string::npos);
  EXPECT_EQ(verdict(history_of({{"loss", {1}}, {"val_loss", {NAN}}})).fit, Fit::unknown);
  EXPECT_NE(error_of([] { verdict(LearningCurve()); }), "");
  EXPECT_NE(error_of([] { verdict(LearningCurve{{{}}}, false); }).find("set baseline"), std::string::npos);
}

/// Two classes with centres `apart` deviations apart.
Data two_classes(int64_t rows, double apart, uint32_t seed) {
  Tensor x({rows, 2}), y({rows}, DType::int32);
  const RandomStream stream{seed, 0, 0};
  for (int64_t r = 0; r < rows; ++r) {
    y.set(r, r % 2);
    for (int64_t c = 0; c < 2; ++c)
      x.set(2 * r + c, stream.normal(static_cast<uint32_t>(r), static_cast<uint32_t>(c)) + apart * (r % 2));
  }
  return {x, y};
}

Scores gaussian(const Data& train, const Data& validation, int) {
  GaussianNB model;
  model.fit(train.x[0], train.y[0]);
  return {model.score(train.x[0], train.y[0]), model.score(validation.x[0], validation.y[0])};
}

TEST(LearningCurve, MeansAndSpreads) {
  const Data data = two_classes(400, 2, 1), validation = two_classes(1000, 2, 2);
  const LearningCurve curve = learning_curve(gaussian, data, validation, {8, 40, 400}, 4);
  ASSERT_EQ(curve.points.size(), 3u);
  for (const auto& point : curve.points) {
    ASSERT_EQ(point.scores.size(), 4u);
    double mean = 0, squares = 0;
    for (const Scores& scores : point.scores) mean += scores.validation / 4;
    for (const Scores& scores : point.scores)
      squares += (scores.validation - mean) * (scores.validation - mean);
    EXPECT_NEAR(point.mean.validation, mean, 1e-12);
    EXPECT_NEAR(point.deviation.validation, std::sqrt(squares / 3), 1e-12);
  }
  EXPECT_GT(curve.points[0].deviation.validation, curve.points[1].deviation.validation);
  EXPECT_EQ(curve.points[2].deviation.validation, 0);  // all data: every repeat is the same
  // Bayes' own error is 1 - Φ(√2).
  EXPECT_NEAR(curve.points[2].mean.validation, 0.9214, 0.03);
  EXPECT_EQ(verdict(curve).fit, Fit::fine);
  EXPECT_NE(curve.table().find("     400"), std::string::npos);
  const Data blurred = two_classes(400, 0.5, 1);
  EXPECT_EQ(verdict(learning_curve(gaussian, blurred, two_classes(1000, 0.5, 2), {40, 400})).fit,
            Fit::underfit);
  EXPECT_NE(error_of([&] {
              learning_curve(gaussian, data, validation, {40, 20});
            }).find("rising sizes"),
            std::string::npos);
  EXPECT_NE(
      error_of([&] { learning_curve(gaussian, data, validation, {401}); }).find("from 1 to 400, got 401"),
      std::string::npos);
}

TEST(LearningCurve, SaysWhenMoreDataHelps) {
  const auto scorer = [](const Data& train, const Data&, int) {
    return Scores{1, 1 - 1 / std::sqrt(static_cast<double>(train.rows()))};
  };
  const Verdict result =
      verdict(learning_curve(scorer, two_classes(100, 1, 1), two_classes(9, 1, 2), {25, 100}));
  EXPECT_EQ(result.fit, Fit::overfit);
  EXPECT_EQ(
      result.advice.find("From 25 to 100 samples the validation error still fell by 0.1: more data helps."),
      0u);
}

class VerdictOfNetworks : public testing::Test {
 protected:
  void SetUp() override {
    try {
      const Dataset train = load("mnist", "train"), test = load("mnist", "test");
      train_ = {train.x.rows(0, 2000), train.y.rows(0, 2000)};
      validation_ = {test.x.rows(0, 1000), test.y.rows(0, 1000)};
    } catch (const Error& error) {
      GTEST_SKIP() << "needs MNIST under $FOLIO_DATA";
    }
  }
  Verdict judged(const Sequential& model, int64_t rows, int epochs) const {
    model.compile(
        {.optimizer = Adam(3e-3), .loss = "sparse_categorical_crossentropy", .metrics = {"accuracy"}});
    return verdict(
        model.fit(train_.slice(0, rows), {.epochs = epochs, .verbose = 0, .validation_data = validation_}));
  }
  Data train_, validation_;
};

TEST_F(VerdictOfNetworks, TooSmall) {
  set_random_seed(1);
  const Verdict result =
      judged(Sequential({Input({28, 28, 1}), Rescaling(1.0 / 255), Flatten(),
                         Dense(1, {.activation = "relu"}), Dense(10, {.activation = "softmax"})}),
             2000, 10);
  EXPECT_EQ(result.fit, Fit::underfit) << result.text();
}

TEST_F(VerdictOfNetworks, TooLarge) {
  set_random_seed(1);
  const Verdict result =
      judged(Sequential({Input({28, 28, 1}), Rescaling(1.0 / 255), Flatten(),
                         Dense(256, {.activation = "relu"}), Dense(10, {.activation = "softmax"})}),
             200, 30);
  EXPECT_EQ(result.fit, Fit::overfit) << result.text();
  EXPECT_LT(result.training_error, 0.01);
}

TEST_F(VerdictOfNetworks, Fine) {
  set_random_seed(1);
  const Verdict result =
      judged(Sequential({Input({28, 28, 1}), Rescaling(1.0 / 255), Conv2D(8, 5, {.activation = "relu"}),
                         MaxPooling2D(2), Conv2D(16, 5, {.activation = "relu"}), MaxPooling2D(2), Flatten(),
                         Dropout(0.5), Dense(10, {.activation = "softmax"})}),
             2000, 12);
  EXPECT_EQ(result.fit, Fit::fine) << result.text();
}

}  // namespace
}  // namespace folio
