#include "folio/report/judgement.h"

#include <gtest/gtest.h>

#include <cmath>

#include "folio/base/error.h"
#include "folio/report/png.h"

namespace folio {
namespace {

TEST(Thinning, KeepsTheLookOfACurve) {
  std::vector<double> x, y;
  for (int i = 0; i <= 20000; ++i) x.push_back(i / 20000.0), y.push_back(std::sqrt(x.back()));
  const std::vector<double> before_x = x, before_y = y;
  thin(x, y);
  EXPECT_LT(x.size(), 200u);
  EXPECT_EQ(x.front(), 0);
  EXPECT_EQ(x.back(), 1);
  // Straight lines between what is left pass every point within a thousandth.
  size_t at = 1;
  for (size_t i = 0; i < before_x.size(); ++i) {
    while (at + 1 < x.size() && x[at] < before_x[i]) ++at;
    const double share = (before_x[i] - x[at - 1]) / (x[at] - x[at - 1]);
    // Where the curve is steep a thousandth across is more upwards.
    EXPECT_NEAR(y[at - 1] + share * (y[at] - y[at - 1]), before_y[i], before_x[i] > 0.01 ? 0.006 : 0.05);
  }
  std::vector<double> steps_x{0, 0, 0.5, 0.5, 1}, steps_y{0, 0.5, 0.5, 1, 1};
  thin(steps_x, steps_y);
  EXPECT_EQ(steps_x.size(), 5u);
  std::vector<double> line_x{0, 0.25, 0.5, 1}, line_y{0, 0.5, 1, 2};
  thin(line_x, line_y);
  EXPECT_EQ(line_x, (std::vector<double>{0, 1}));
  std::vector<double> point_x{1, 1, 1}, point_y{2, 2, 2};
  thin(point_x, point_y);
  EXPECT_EQ(point_x.size(), 2u);
}

TEST(Judgement, CountsClasses) {
  const Tensor labels = Tensor::of<int32_t>({6}, {0, 0, 1, 1, 2, 2});
  const Tensor scores = Tensor::of<float>(
      {6, 3}, {.8f, .1f, .1f, .2f, .7f, .1f, .1f, .8f, .1f, .3f, .6f, .1f, .9f, .05f, .05f, .1f, .2f, .7f});
  Tensor samples({6, 4});
  samples.set(16, 0.5);
  const ClassificationRecord record = judge_classes(labels, scores, {samples}, {"a", "b"});
  EXPECT_EQ(record.classes, (std::vector<std::string>{"a", "b", "2"}));
  EXPECT_EQ(record.confusion, (std::vector<double>{1, 1, 0, 0, 2, 0, 1, 0, 1}));
  EXPECT_DOUBLE_EQ(record.accuracy, 4.0 / 6);
  EXPECT_DOUBLE_EQ(record.majority, 1.0 / 3);
  ASSERT_EQ(record.mistakes.size(), 2u);
  EXPECT_EQ(record.mistakes[0].row, 5);  // the surest first
  EXPECT_EQ(record.mistakes[0].truth, "2");
  EXPECT_EQ(record.mistakes[0].predicted, "a");
  EXPECT_EQ(record.mistakes[0].text, "0.5, 0, 0, 0");
  const ClassificationRecord told = judge_classes(
      labels, scores, {samples, {9, 8, 7, 30, 50, 20}, {"p", "q", "r", "s", std::string(999, 't'), "u"}}, {});
  EXPECT_EQ(told.mistakes[0].row, 51);
  EXPECT_EQ(told.mistakes[0].text.find(std::string(290, 't')), 0u);
  EXPECT_LT(told.mistakes[0].text.size(), 310u);
  EXPECT_EQ(told.mistakes[1].text, "q");
  EXPECT_NEAR(record.mistakes[0].confidence, 0.9, 1e-6);
  EXPECT_EQ(record.roc.size(), 3u);
  double samples_in_bins = 0, gap = 0;
  for (const CalibrationRecord& bin : record.calibration)
    samples_in_bins += bin.samples, gap += bin.samples * std::abs(bin.confidence - bin.accuracy) / 6;
  EXPECT_EQ(samples_in_bins, 6);
  EXPECT_NEAR(record.calibration_error, gap, 1e-12);
}

TEST(Judgement, ShowsOneCurveForTwoClassesAndNoneForOne) {
  const Tensor scores = Tensor::of<float>({4, 2}, {.9f, .1f, .8f, .2f, .3f, .7f, .6f, .4f});
  const ClassificationRecord two = judge_classes(Tensor::of<int32_t>({4}, {0, 0, 1, 1}), scores, {}, {});
  ASSERT_EQ(two.roc.size(), 1u);
  EXPECT_EQ(two.roc[0].name, "1");
  EXPECT_DOUBLE_EQ(two.roc[0].area, 1);
  EXPECT_DOUBLE_EQ(two.precision_recall[0].area, 1);
  const ClassificationRecord one = judge_classes(Tensor::of<int32_t>({4}, {0, 0, 0, 0}), scores, {}, {});
  EXPECT_TRUE(one.roc.empty());
  EXPECT_EQ(one.majority, 1);
}

TEST(Judgement, MeasuresNumbers) {
  const Tensor truth = Tensor::of<float>({4, 2}, {1, 0, 2, 0, 3, 0, 4, 0});
  const Tensor guess = Tensor::of<float>({4, 2}, {1, 1, 2, 1, 3, 1, 5, 1});
  const auto records = judge_numbers(truth, guess, {});
  ASSERT_EQ(records.size(), 2u);
  EXPECT_EQ(records[0].name, "output 0");
  EXPECT_DOUBLE_EQ(records[0].r2, 0.8);
  EXPECT_DOUBLE_EQ(records[0].mean_absolute_error, 0.25);
  EXPECT_EQ(records[0].residual_counts.front(), 3);
  EXPECT_EQ(records[0].residual_counts.back(), 1);
  double all = 0;
  for (const double count : records[1].residual_counts) all += count;
  EXPECT_EQ(all, 4);  // all the same error
  EXPECT_EQ(records[1].residual_edges.size(), records[1].residual_counts.size() + 1);
}

TEST(Picture, IsAPngInBase64) {
  const auto text = [](const std::string& s) { return base64(std::as_bytes(std::span(s))); };
  EXPECT_EQ(text(""), "");
  EXPECT_EQ(text("f"), "Zg==");
  EXPECT_EQ(text("fo"), "Zm8=");
  EXPECT_EQ(text("foobar"), "Zm9vYmFy");
  const std::string uri = png_uri(Tensor({8, 8, 3}, DType::uint8));
  EXPECT_TRUE(is_png_uri(uri));
  EXPECT_TRUE(uri.starts_with("data:image/png;base64,iVBORw0KGgo"));
  EXPECT_EQ(uri, png_uri(Tensor({8, 8, 3}, DType::uint8)));
  Tensor wild({8, 9});
  wild.set(0, NAN), wild.set(1, INFINITY), wild.set(2, -3);
  EXPECT_TRUE(is_png_uri(png_uri(wild)));
  EXPECT_FALSE(is_png_uri("data:image/png;base64,AA\" onerror=\"x"));
  EXPECT_FALSE(is_png_uri("https://example.org/a.png"));
  EXPECT_FALSE(is_picture({8, 8, 2}));
  EXPECT_FALSE(is_picture({4, 4}));
  EXPECT_THROW(png_uri(Tensor({4})), Error);
}

}  // namespace
}  // namespace folio
