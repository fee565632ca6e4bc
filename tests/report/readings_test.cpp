#include "folio/report/readings.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/report/sample_record.h"

namespace folio {
namespace {

RunRecord curves(std::vector<double> loss, std::vector<double> val_loss) {
  RunRecord record;
  record.history = {{"loss", std::move(loss)}, {"val_loss", std::move(val_loss)}};
  return record;
}

TEST(Readings, TellWhereValidationWasBest) {
  EXPECT_EQ(read_loss(curves({2, 1, 0.5}, {1.5, 1, 1.2})),
            "Training loss goes from 2 to 0.5 in 3 epochs; validation loss is lowest in epoch 2 (1) and "
            "rises by 20.0\u00A0% after.");
  EXPECT_EQ(
      read_loss(curves({2, 1}, {1.5, 1})),
      "Training loss goes from 2 to 1 in 2 epochs; validation loss is lowest in epoch 2 (1), the last.");
  EXPECT_EQ(read_loss(curves({2}, {})), "After one epoch the training loss is 2.");
  EXPECT_EQ(read_loss(curves({2, NAN}, {NAN, NAN})),
            "1 of 2 training losses are not numbers. Training loss goes from 2 to – in 2 epochs; validation "
            "loss is never a number.");
  EXPECT_EQ(read_loss(RunRecord()), "No loss was recorded.");
  EXPECT_EQ(read_metric(sample_record(), "accuracy"),
            "Validation accuracy is highest in epoch 3 (0.8); training accuracy is 0.9 there.");
  EXPECT_EQ(read_rate({"lr", {0.1, 0.1}}), "The learning rate stays at 0.1.");
  EXPECT_EQ(read_rate({"lr", {0.1, 0.1, 0.01}}), "The learning rate falls from 0.1 to 0.01.");
  EXPECT_EQ(read_rate({"lr", {0.1, 0.3, 0.2}}),
            "The learning rate moves between 0.1 and 0.3 and ends at 0.2.");
}

TEST(Readings, TellLearningFromMemorizing) {
  EXPECT_EQ(verdict_of(curves({2, 0.5, 0.4, 0.1, 0.1}, {2, 0.5, 0.9, 1.4, 1.4})).head,
            "Overfitting (high variance)");
  EXPECT_EQ(verdict_of(curves({2, 1.9, 1.8, 1.8}, {2, 1.9, 1.8, 1.8})).head, "Underfitting (high bias)");
  const RunVerdict sound = verdict_of(curves({2, 0.3, 0.2, 0.2}, {2, 0.3, 0.25, 0.25}));
  EXPECT_EQ(sound.head, "A sound fit");
  EXPECT_EQ(sound.kind, "good");
  ASSERT_EQ(sound.sentences.size(), 2u);
  EXPECT_EQ(sound.sentences[0].substr(0, 5), "Loss ");
  EXPECT_EQ(verdict_of(curves({2, NAN}, {2, NAN})).kind, "serious");
  EXPECT_EQ(verdict_of(curves({2, 1.99}, {})).head, "No verdict");
  EXPECT_EQ(verdict_of(RunRecord()).kind, "");
}

TEST(Readings, SayFirstWhatSomethingSimplerReaches) {
  RunRecord record = curves({2, 0.3, 0.2, 0.2}, {2, 0.3, 0.25, 0.25});
  record.results = {{"validation", {{"accuracy", 1}}},
                    {"test", {{"loss", 0.1}, {"accuracy", 0.9}}},
                    {"test, always the most frequent class", {{"accuracy", 0.5}}},
                    {"test, a linear model", {{"loss", 0.2}, {"accuracy", 0.95}}}};
  RunVerdict verdict = verdict_of(record);
  EXPECT_EQ(verdict.head, "Something simpler is better");
  EXPECT_EQ(verdict.kind, "warning");
  EXPECT_NE(verdict.sentences[0].find("a linear model is better: accuracy 0.95 beside 0.9"),
            std::string::npos);
  record.results[3].values[1].second = 0.9;
  verdict = verdict_of(record);
  EXPECT_EQ(verdict.head, "A sound fit");
  EXPECT_NE(verdict.sentences[0].find("a linear model is as good"), std::string::npos);
  record.results[3].values[1].second = 0.89;
  EXPECT_EQ(verdict_of(record).sentences[0].substr(0, 5), "Loss ");
  // Of errors less is better.
  record.results = {{"test", {{"mae", 2}}},
                    {"test, a linear model", {{"mae", 1}}},
                    {"test, always the mean", {{"mae", 3}}}};
  EXPECT_NE(verdict_of(record).sentences[0].find("a linear model is better: mae 1 beside 2"),
            std::string::npos);
}

TEST(Readings, WarnWhereAccuracyMisleads) {
  const auto says = [](const RunRecord& record) {
    for (const std::string& s : verdict_of(record).sentences)
      if (s.find("Accuracy misleads here: always guessing “cat” would be right 90.9") != s.npos) return true;
    return false;
  };
  RunRecord record = sample_record();
  EXPECT_TRUE(says(record));
  record.classification[0].majority = 0.6;
  EXPECT_FALSE(says(record));
  record = sample_record();
  record.classification[0].balanced_accuracy = record.classification[0].accuracy;
  EXPECT_FALSE(says(record));
}

TEST(Readings, DescribeClasses) {
  const ClassificationRecord c = sample_record().classification[0];
  EXPECT_EQ(read_confusion(c),
            "15 of 110 samples are wrong (13.6\u00A0%); most often “cat” is taken for “dog” (10 times).");
  EXPECT_EQ(read_classes(c),
            "“cat” is recognized best (F1 0.923), “dog” worst (F1 0.400: precision 0.333, recall 0.500).");
  EXPECT_NE(read_roc(c).find("0.7500"), std::string::npos);
  EXPECT_EQ(read_precision_recall(c), "The average precision is 0.4100; guessing would have 0.0909.");
  EXPECT_EQ(read_calibration(c),
            "Confidence and accuracy differ by 9.0 points on average: the model is too sure of itself.");
  EXPECT_EQ(read_roc(ClassificationRecord()), "There is nothing to rank.");
  EXPECT_NE(read_scatter(sample_record().regression[0]).find("R² is 0.8000"), std::string::npos);
  EXPECT_EQ(read_residuals(sample_record().regression[0]),
            "Predictions are too high by about 0.05 on the whole.");
}

}  // namespace
}  // namespace folio
