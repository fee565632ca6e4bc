// CTC against real Keras (golden/make_ctc.py), against all ways there are, and against differences.
#include "folio/training/ctc.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "folio/base/json.h"
#include "folio/compiler/compile.h"
#include "folio/ops/gradients.h"
#include "folio/ops/reduce.h"
#include "tests/base/files_for_tests.h"
#include "tests/random_numbers.h"

namespace folio {
namespace {

Tensor labels_of(const std::vector<std::vector<int>>& rows) {
  Tensor labels({static_cast<int64_t>(rows.size()), static_cast<int64_t>(rows[0].size())}, DType::int32);
  int64_t i = 0;
  for (const auto& row : rows)
    for (const int label : row) labels.set(i++, label);
  return labels;
}

/// Losses, and the gradient of their sum.
std::vector<Tensor> losses_of(const Tensor& labels, const Tensor& logits, const PlanOptions& options) {
  const Value y = input(labels.shape(), DType::int32), p = input(logits.shape(), logits.dtype());
  const Value losses = ctc_loss(y, p);
  return compile({{y, p}, {losses, gradients(sum(losses), {p})[0]}, {}}, options)({labels, logits});
}

/// The probability of each text: of all ways in which the steps can say it.
std::map<std::vector<int64_t>, double> all_texts(const Tensor& logits, int64_t row) {
  const int64_t steps = logits.shape()[1], classes = logits.shape()[2];
  std::map<std::vector<int64_t>, double> texts;
  int64_t ways = 1;
  for (int64_t t = 0; t < steps; ++t) ways *= classes;
  for (int64_t way = 0; way < ways; ++way) {
    double probability = 1;
    std::vector<int64_t> text;
    int64_t before = 0;
    for (int64_t t = 0, rest = way; t < steps; ++t, rest /= classes) {
      const int64_t said = rest % classes;
      double total = 0;
      for (int64_t c = 0; c < classes; ++c) total += std::exp(logits.at(row, t, c));
      probability *= std::exp(logits.at(row, t, said)) / total;
      if (said != 0 && said != before) text.push_back(said);
      before = said;
    }
    texts[text] += probability;
  }
  return texts;
}

TEST(Ctc, IsThatOfKeras) {
  for (const Json& entry : Json::parse(read_text_file(golden_path(__FILE__, "ctc.json")))) {
    const Tensor labels = labels_of(entry["labels"].get<std::vector<std::vector<int>>>());
    const int64_t rows = labels.shape()[0], steps = entry["steps"], classes = entry["classes"];
    Tensor logits({rows, steps, classes});
    for (int64_t i = 0; i < logits.count(); ++i) logits.set(i, entry["logits"][static_cast<size_t>(i)]);
    for (const PlanOptions& options : {definitions_only(), PlanOptions{"test", 1, {}}}) {
      const std::vector<Tensor> got = losses_of(labels, logits, options);
      for (int64_t r = 0; r < rows; ++r) {
        const double wanted = entry["losses"][static_cast<size_t>(r)];
        EXPECT_NEAR(got[0].at(r), wanted, 2e-5 * std::max(1.0, wanted));
      }
      for (int64_t i = 0; i < logits.count(); ++i)
        EXPECT_NEAR(got[1].at(i), entry["slopes"][static_cast<size_t>(i)].get<double>(), 2e-5);
    }
    for (int64_t r = 0; r < rows; ++r) {
      const std::span<const float> scores(logits.data<float>() + r * steps * classes,
                                          static_cast<size_t>(steps * classes));
      EXPECT_EQ(ctc_greedy(scores, classes),
                entry["greedy"][static_cast<size_t>(r)].get<std::vector<int64_t>>());
      EXPECT_EQ(ctc_beam_search(scores, classes, 20)[0].labels,
                entry["beam"][static_cast<size_t>(r)].get<std::vector<int64_t>>());
    }
  }
}

// In double: the sum over all ways, and a gradient as differences have it.
TEST(Ctc, CountsAllWays) {
  RandomNumbers random(3);
  const Tensor logits = random.tensor({3, 5, 3}, -2, 2);
  const Tensor labels = labels_of({{1, 1, 0}, {2, 1, 2}, {0, 0, 0}});
  const std::vector<Tensor> got = losses_of(labels, logits, definitions_only());
  for (int64_t r = 0; r < 3; ++r) {
    std::vector<int64_t> text;
    for (int64_t n = 0; n < 3; ++n)
      if (labels.at(r, n) != 0) text.push_back(static_cast<int64_t>(labels.at(r, n)));
    EXPECT_NEAR(got[0].at(r), -std::log(all_texts(logits, r)[text]), 1e-10) << r;
  }
  constexpr double kStep = 1e-5;
  for (int64_t i = 0; i < logits.count(); ++i) {
    Tensor more = logits.clone(), less = logits.clone();
    more.set(i, logits.at(i) + kStep);
    less.set(i, logits.at(i) - kStep);
    double slope = 0;
    const Tensor a = losses_of(labels, more, definitions_only())[0],
                 b = losses_of(labels, less, definitions_only())[0];
    for (int64_t r = 0; r < 3; ++r) slope += (a.at(r) - b.at(r)) / (2 * kStep);
    EXPECT_NEAR(got[1].at(i), slope, 1e-8) << i;
  }
}

TEST(Ctc, LabelsThatDoNotFitStayFinite) {
  const Tensor logits = Tensor::filled({1, 4, 3}, 0.5);
  const std::vector<Tensor> got = losses_of(labels_of({{1, 1, 1, 1}}), logits, {"test", 1, {}});
  EXPECT_GT(got[0].at(0), 5e4);
  for (int64_t i = 0; i < got[1].count(); ++i) EXPECT_TRUE(std::isfinite(got[1].at(i)));
}

TEST(Ctc, BeamsFindTheLikeliestText) {
  RandomNumbers random(8);
  for (int round = 0; round < 20; ++round) {
    const Tensor logits = random.tensor({1, 5, 3}, -1.5, 1.5, DType::float32);
    const std::span<const float> scores(logits.data<float>(), 15);
    std::map<std::vector<int64_t>, double> texts = all_texts(logits, 0);
    double best = 0;
    for (const auto& [text, probability] : texts) best = std::max(best, probability);
    const std::vector<CtcText> found = ctc_beam_search(scores, 3, 1000);
    EXPECT_EQ(found.size(), texts.size());
    EXPECT_NEAR(std::exp(found[0].log_probability), best, 1e-6);
    for (const CtcText& text : found) EXPECT_NEAR(std::exp(text.log_probability), texts[text.labels], 1e-6);
    EXPECT_EQ(ctc_beam_search(scores, 3, 2).size(), 2u);
  }
}

TEST(Ctc, GreedySaysRunsOnce) {
  const std::vector<float> scores = {0, 5, 0, 0, 5, 0, 5, 0, 0, 0, 5, 0, 0, 0, 5};  // 1 1 - 1 2
  EXPECT_EQ(ctc_greedy(scores, 3), (std::vector<int64_t>{1, 1, 2}));
  EXPECT_TRUE(ctc_greedy({}, 3).empty());
}

TEST(Ctc, SaysWhatIsWrong) {
  EXPECT_NE(error_of([] {
              ctc_loss(input({2, 3}, DType::int32), input({3, 4, 5}));
            }).find("(2, 3)"),
            std::string::npos);
  const std::vector<float> scores(7);
  EXPECT_NE(error_of([&] { ctc_greedy(scores, 3); }).find("rows of 3 scores"), std::string::npos);
  const std::vector<float> broken = {0, NAN, 0};
  EXPECT_NE(error_of([&] { ctc_beam_search(broken, 3); }).find("NaN"), std::string::npos);
  EXPECT_NE(error_of([&] { ctc_beam_search(std::vector<float>(3), 3, 0); }).find("at least 1"),
            std::string::npos);
}

}  // namespace
}  // namespace folio
