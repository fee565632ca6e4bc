#include "folio/report/report.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "folio/base/file.h"
#include "folio/folio.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

struct Trained {
  Model model;
  Data data;
  History history;
};

Trained train(int64_t outputs, const std::string& activation, const Loss& loss, const Tensor& y) {
  const int64_t n = y.shape()[0];
  Tensor x({n, 4});
  for (int64_t i = 0; i < x.count(); ++i) x.set(i, std::sin(7.0 * static_cast<double>(i)));
  Sequential model({Input({4}), Dense(8, {.activation = "tanh"}), Dense(outputs, {.activation = activation})},
                   "small");
  model.compile({.optimizer = "adam", .loss = loss, .metrics = {"accuracy"}});
  const Data data(x, y);
  const History history = model.fit(data, {.epochs = 2, .verbose = 0, .validation_split = 0.25});
  return {model, data, history};
}

RunRecord report_on(const Trained& trained, const Tensor& predictions) {
  const TemporaryFolder folder;
  write_report(folder.path(), {.model = trained.model,
                               .history = trained.history,
                               .settings = {{"recipe", "small"}},
                               .results = {{"test", trained.model.evaluate(trained.data)}},
                               .data = trained.data,
                               .predictions = {predictions},
                               .time = {.seconds = 2, .steps = 4, .batch_size = 32}});
  EXPECT_TRUE(file_exists(folder.path() + "/report.html"));
  return read_record(folder.path());
}

TEST(Report, JudgesClasses) {
  Tensor y({60}, DType::int32);
  for (int64_t i = 0; i < 60; ++i) y.set(i, static_cast<double>(i % 3));
  const Trained trained = train(3, "softmax", "sparse_categorical_crossentropy", y);
  const RunRecord record = report_on(trained, trained.model.predict(trained.data.x[0]));
  ASSERT_EQ(record.classification.size(), 1u);
  EXPECT_NEAR(record.classification[0].accuracy, record.results[0].values[1].second, 1e-6);
  EXPECT_EQ(record.classification[0].data, "test");
  EXPECT_EQ(record.model.total, 4 * 8 + 8 + 8 * 3 + 3);
  EXPECT_EQ(record.history.size(), 4u);
  EXPECT_GT(record.time.flops_per_step, 0);
  EXPECT_TRUE(record.finished);
}

TEST(Report, MakesProbabilitiesOfLogits) {
  Tensor y({40, 1});
  for (int64_t i = 0; i < 40; ++i) y.set(i, static_cast<double>(i % 4 == 0));
  const Trained trained = train(1, "linear", binary_crossentropy(true), y);
  Tensor logits({40, 1});
  for (int64_t i = 0; i < 40; ++i) logits.set(i, y.at(i) > 0 ? 2 : -2);
  logits.set(0, -3);
  const RunRecord record = report_on(trained, logits);
  ASSERT_EQ(record.classification.size(), 1u);
  EXPECT_EQ(record.classification[0].confusion, (std::vector<double>{30, 0, 1, 9}));
  ASSERT_EQ(record.classification[0].mistakes.size(), 1u);
  EXPECT_NEAR(record.classification[0].mistakes[0].confidence, 1 / (1 + std::exp(-3.0)), 1e-9);
}

TEST(Report, JudgesNumbersAndTargetsThatAreVectors) {
  Tensor y({40, 2});
  for (int64_t i = 0; i < 40; ++i) y.set(2 * i + i % 2, 1);
  const Trained numbers = train(2, "linear", "mse", y);
  EXPECT_EQ(report_on(numbers, y).regression.size(), 2u);
  EXPECT_EQ(report_on(numbers, y).regression[0].r2, 1);
  for (const char* loss : {"categorical_crossentropy", "categorical_focal_crossentropy"}) {
    const Trained vectors = train(2, "softmax", loss, y);
    EXPECT_EQ(report_on(vectors, y).classification.at(0).accuracy, 1) << loss;
  }
}

TEST(Report, JudgesLabelsThatMayHoldTogether) {
  Tensor y({40, 3}), scores({40, 3});
  for (int64_t i = 0; i < 40; ++i)
    for (int64_t label = 0; label < 3; ++label) {
      y.set(3 * i + label, static_cast<double>(i % (label + 2) == 0));
      scores.set(3 * i + label, y.at(3 * i + label) > 0 ? 2 : -2);
    }
  scores.set(1, 3);  // row 0 has all labels, so that this is right; the next is wrong
  scores.set(5, 3);
  const Trained trained = train(3, "linear", binary_crossentropy(true), y);
  const RunRecord record = report_on(trained, scores);
  ASSERT_EQ(record.classification.size(), 1u);
  const ClassificationRecord& c = record.classification[0];
  EXPECT_TRUE(c.confusion.empty());
  EXPECT_EQ(c.accuracy, 39.0 / 40);
  EXPECT_EQ(c.rows[2].support, 10);
  EXPECT_EQ(c.rows[2].recall, 1);
  EXPECT_NEAR(c.rows[2].precision, 10.0 / 11, 1e-12);
  EXPECT_EQ(c.averages[0].name, "micro avg");
  EXPECT_EQ(c.roc.size(), 3u);
  EXPECT_EQ(c.roc[0].area, 1);
  EXPECT_LT(c.roc[2].area, 1);
}

TEST(Report, JudgesEveryOutputAndEveryStep) {
  const int64_t n = 30, steps = 4;
  Tensor x({n, steps, 2}), tags({n, steps}, DType::int32), number({n, 1});
  for (int64_t i = 0; i < x.count(); ++i) x.set(i, std::sin(7.0 * static_cast<double>(i)));
  for (int64_t i = 0; i < tags.count(); ++i) tags.set(i, i % steps == 3 ? 9 : static_cast<double>(i % 3));
  const Value in = Input({steps, 2});
  const Value tag = Dense(3, {.activation = "softmax", .name = "tag"})(in),
              sum = Dense(1, {.name = "sum"})(Flatten()(in));
  const Model model({in}, {tag, sum});
  model.compile({.loss = std::vector<Loss>{sparse_categorical_crossentropy(false, 9), "mse"}});
  const TemporaryFolder folder;
  Tensor scores({n, steps, 3});
  for (int64_t i = 0; i < tags.count(); ++i) scores.set(3 * i + (i < 3 ? 0 : i % 3), 1);
  const RunRecord record = collect_record(
      folder.path(), {.model = model, .data = Data({x}, {tags, number}), .predictions = {scores, number}});
  ASSERT_EQ(record.classification.size(), 1u);
  const ClassificationRecord& c = record.classification[0];
  EXPECT_EQ(c.output, "tag");
  EXPECT_EQ(c.samples, 90);          // a quarter of the steps is left out
  EXPECT_EQ(c.accuracy, 88.0 / 90);  // steps 1 and 2 are taken for class 0
  EXPECT_TRUE(c.mistakes.empty());
  ASSERT_EQ(record.regression.size(), 1u);
  EXPECT_EQ(record.regression[0].name, "sum");
  EXPECT_EQ(record.regression[0].r2, 1);
}

TEST(Report, PutsManyNumbersTogether) {
  Tensor y({40, 9});
  for (int64_t i = 0; i < y.count(); ++i) y.set(i, std::cos(static_cast<double>(i)));
  const RunRecord record = report_on(train(9, "linear", "mse", y), y);
  ASSERT_EQ(record.regression.size(), 1u);
  EXPECT_EQ(record.regression[0].samples, 360);
  EXPECT_EQ(record.regression[0].r2, 1);
}

TEST(Report, SurvivesPredictionsThatAreNoNumbers) {
  Tensor y({40, 1}), wrong({40, 1});
  const Trained trained = train(1, "linear", "mse", y);
  wrong.set(3, std::numeric_limits<double>::quiet_NaN());
  const RunRecord record = report_on(trained, wrong);
  EXPECT_TRUE(record.regression.empty());
  ASSERT_EQ(record.findings.size(), 1u);
  EXPECT_EQ(record.findings[0].sentence, "1 of 40 predicted numbers are not finite.");
}

}  // namespace
}  // namespace folio
