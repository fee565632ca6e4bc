// Measures of arrays equal scikit-learn's. golden/make_measures.py made the figures, of samples that follow
// from an integer hash.
#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <map>
#include <sstream>

#include "folio/analysis/classification.h"
#include "folio/analysis/probabilities.h"
#include "folio/analysis/ranking.h"
#include "folio/analysis/regression.h"
#include "folio/base/file.h"
#include "folio/data/npy.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using Numbers = std::vector<double>;
using Measured = std::map<std::string, double>;

std::vector<uint32_t> hashes(uint32_t the_case, uint32_t role, int64_t n) {
  std::vector<uint32_t> result;
  for (uint32_t i = 0; i < static_cast<uint32_t>(n); ++i) {
    uint32_t x = i * 2654435761U + the_case * 40503U + role * 2246822519U + 12345U;
    x = (x ^ (x >> 15)) * 2246822519U;
    x = (x ^ (x >> 13)) * 3266489917U;
    result.push_back(x ^ (x >> 16));
  }
  return result;
}

Tensor array(uint32_t the_case, uint32_t role, const Shape& shape, uint32_t below, double divisor = 1,
             double shift = 0) {
  Numbers values;
  for (uint32_t hash : hashes(the_case, role, shape.count()))
    values.push_back(hash % below / divisor + shift);
  return Tensor::of<double>(shape, values);
}

Tensor changed(const Tensor& array, const std::function<double(double)>& f) {
  Tensor result = array.clone();
  for (int64_t i = 0; i < result.count(); ++i) result.set(i, f(result.at(i)));
  return result;
}

void fill_column(Tensor& array, double value) {
  for (int64_t r = 0; r < array.shape()[0]; ++r) array.set(r * array.shape()[1], value);
}

// A number that stands for lists of numbers.
double positions(const std::vector<Numbers>& lists) {
  double sum = 0;
  for (size_t l = 0; l < lists.size(); ++l)
    for (size_t i = 0; i < lists[l].size(); ++i)
      sum += lists[l][i] * static_cast<double>(i + 1) * static_cast<double>(l + 1);
  return sum;
}

void binary(Measured& out, const Tensor& labels, const Tensor& scores, const Tensor& w) {
  const auto roc = [&](bool drop) {
    RocCurve curve = roc_curve(labels, scores, w, drop);
    EXPECT_EQ(curve.thresholds[0], std::numeric_limits<double>::infinity());
    curve.thresholds.erase(curve.thresholds.begin());
    return std::pair(positions({curve.fpr, curve.tpr, curve.thresholds}), curve.fpr.size());
  };
  out["roc_points"] = static_cast<double>(roc(true).second);
  out["roc"] = roc(true).first;
  out["roc_all"] = roc(false).first;
  out["roc_auc"] = roc_auc(labels, scores, "macro", w);
  const PrecisionRecallCurve curve = precision_recall_curve(labels, scores, w);
  out["pr"] = positions({curve.precision, curve.recall, curve.thresholds});
  out["average_precision"] = average_precision(labels, scores, "macro", w);
  out["log_loss"] = log_loss(labels, scores, w);
  out["brier"] = brier_score(labels, scores, w);
  const ConfusionCounts counts = binary_counts(labels, scores, 0.5, w);
  out["tn"] = counts.tn, out["fp"] = counts.fp, out["fn"] = counts.fn, out["tp"] = counts.tp;
  out["f_half"] = counts.f_beta(0.5), out["f_two"] = counts.f_beta(2);
  out["binary_precision"] = counts.precision(), out["binary_recall"] = counts.recall();
  out["specificity"] = counts.specificity();
  EXPECT_NEAR(counts.false_negative_rate(), counts.support() > 0 ? 1 - counts.recall() : 0, 1e-12);
  EXPECT_NEAR(counts.false_positive_rate(), counts.fp + counts.tn > 0 ? 1 - counts.specificity() : 0, 1e-12);
  EXPECT_NEAR(counts.error_rate(), 1 - counts.accuracy(), 1e-12);
}

void classes(Measured& out, int64_t k, const Tensor& labels, const Tensor& called, const Tensor& scores,
             const Tensor& w) {
  // In two batches, whose matrices are added.
  const int64_t n = labels.count(), middle = n / 2;
  ConfusionMatrix matrix(k), second(k);
  if (middle > 0) matrix.add(labels.rows(0, middle), called.rows(0, middle), w.rows(0, middle));
  second.add(labels.rows(middle, n), called.rows(middle, n), w.rows(middle, n));
  matrix.add(second);
  EXPECT_EQ(matrix.values(), confusion_matrix(labels, called, k, w).values());
  out["confusion"] = positions({matrix.values()});
  for (const char* by : {"true", "pred", "all"})
    out[std::string("confusion_") + by] = positions({matrix.normalized(by)});
  out["accuracy"] = matrix.accuracy();
  const std::vector<ConfusionCounts> counts = matrix.counts();
  for (const std::string how : {"macro", "micro", "weighted"}) {
    out[how + "_precision"] = average(counts, how, &ConfusionCounts::precision);
    out[how + "_recall"] = average(counts, how, &ConfusionCounts::recall);
    out[how + "_f1"] = average(counts, how, &ConfusionCounts::f1);
  }
  std::vector<Numbers> per_class(4);
  for (const ClassificationReport::Row& row : classification_report(matrix).classes) {
    per_class[0].push_back(row.precision), per_class[1].push_back(row.recall);
    per_class[2].push_back(row.f1), per_class[3].push_back(row.support);
  }
  out["per_class"] = positions(per_class);
  out["balanced"] = matrix.balanced_accuracy();
  out["matthews"] = matrix.matthews_corrcoef();
  out["kappa_None"] = matrix.cohen_kappa();
  for (const char* weights : {"linear", "quadratic"})
    out[std::string("kappa_") + weights] = matrix.cohen_kappa(weights);
  Tensor truth({n, k}, DType::float64);
  for (int64_t r = 0; r < n; ++r) truth.set(r * k + static_cast<int64_t>(labels.at(r)), 1);
  for (const std::string how : {"macro", "micro", "weighted"}) {
    out["ovr_" + how] = roc_auc(labels, scores, how, w);
    out["ap_" + how] = average_precision(truth, scores, how, w);
    EXPECT_EQ(average_precision(labels, scores, how, w), out["ap_" + how]);
  }
  for (int64_t top : {1, 2}) out["top_" + std::to_string(top)] = top_k_accuracy(labels, scores, top, w);
  out["class_log_loss"] = log_loss(labels, scores, w);
  out["class_brier"] = brier_score(labels, scores, w);
}

void many_labels(Measured& out, const Tensor& truth, const Tensor& called, const Tensor& scores,
                 const Tensor& w) {
  const std::vector<ConfusionCounts> counts = multilabel_counts(truth, called, w);
  Numbers all;
  for (const ConfusionCounts& one : counts) all.insert(all.end(), {one.tn, one.fp, one.fn, one.tp});
  out["multilabel"] = positions({all});
  for (const std::string how : {"macro", "micro", "weighted"})
    out["labels_" + how] =
        positions({{average(counts, how, &ConfusionCounts::precision)},
                   {average(counts, how, &ConfusionCounts::recall)},
                   {average(counts, how, [](const ConfusionCounts& one) { return one.f_beta(1); })}});
  out["labels_auc"] = roc_auc(truth, scores, "macro", w);
  out["labels_ap"] = average_precision(truth, scores, "macro", w);
}

void regression(Measured& out, const Tensor& y, const Tensor& p, const Tensor& w, bool weighted) {
  out["mse"] = mean_squared_error(y, p, w);
  out["rmse"] = root_mean_squared_error(y, p, w);
  out["mae"] = mean_absolute_error(y, p, w);
  out["mape"] = std::log1p(mean_absolute_percentage_error(y, p, w));
  out["medae"] = median_absolute_error(y, p, weighted ? w : Tensor());
  for (const std::string how : {"uniform_average", "variance_weighted"}) {
    out["r2_" + how] = r2_score(y, p, w, how);
    out["ev_" + how] = explained_variance(y, p, w, how);
  }
}

// The samples of a case, exactly as the script makes them.
Measured measure(uint32_t c) {
  const std::vector<uint32_t> settings = hashes(c, 8, 4);
  const int64_t n = 1 + settings[0] % 40, k = 2 + settings[1] % 4;
  const uint32_t kind = c % 6;
  const bool weighted = c / 6 % 2 == 1;
  const auto classes_below = static_cast<uint32_t>(k);
  Tensor w = array(c, 3, {n}, 5, 4);
  w.set(0, 1);
  if (!weighted) w.fill(1);
  Tensor labels = array(c, 0, {n}, classes_below), called = array(c, 1, {n}, classes_below);
  Tensor q = array(c, 2, {n}, 17, 16), grid = array(c, 4, {n, k}, 8, 1, 1);
  if (kind == 1) labels.fill(c / 12 % 2);
  if (kind == 2) q.fill(0.5), grid.fill(1);
  if (kind == 3) called.fill(1);
  if (kind == 4) called = labels;
  Tensor scores = grid.clone();
  for (int64_t r = 0; r < n; ++r) {
    double sum = 0;
    for (int64_t i = 0; i < k; ++i) sum += grid.at(r * k + i);
    for (int64_t i = 0; i < k; ++i) scores.set(r * k + i, grid.at(r * k + i) / sum);
  }
  Measured out;
  binary(out, changed(labels, [](double x) { return std::fmod(x, 2); }), q, w);
  classes(out, k, labels, called, scores, w);
  Tensor truth = array(c, 5, {n, k}, 2), guess = array(c, 6, {n, k}, 2);
  if (kind == 1) fill_column(truth, 0);
  if (kind == 3) fill_column(guess, 0);
  many_labels(out, truth, guess, grid, w);
  Tensor y = array(c, 7, {n, 2}, 9, 1, -4), p = array(c, 9, {n, 2}, 9, 2, -2);
  if (kind == 1) fill_column(y, 3);
  if (kind == 2) y.fill(2);
  if (kind == 4) p = y;
  if (kind == 5) p = changed(y, [](double x) { return x + 0.5; });
  regression(out, y, p, w, weighted);
  return out;
}

TEST(Measures, EqualScikitLearns) {
  const NamedTensors golden = read_npz(golden_path(__FILE__, "measures.npz"));
  Tensor values, name_bytes;
  for (const auto& [name, tensor] : golden) (name == "values" ? values : name_bytes) = tensor;
  std::string text;
  for (int64_t i = 0; i < name_bytes.count(); ++i) text += static_cast<char>(name_bytes.at(i));
  std::vector<std::string> names;
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) names.push_back(line);
  ASSERT_EQ(values.shape(), Shape({300, static_cast<int64_t>(names.size())}));
  for (int64_t c = 0; c < values.shape()[0]; ++c) {
    Measured got = measure(static_cast<uint32_t>(c));
    ASSERT_EQ(got.size(), names.size());
    for (size_t i = 0; i < names.size(); ++i) {
      const double wanted = values.at(c * values.shape()[1] + static_cast<int64_t>(i));
      EXPECT_LE(std::abs(got.at(names[i]) - wanted), 1e-9 * std::max(1.0, std::abs(wanted)))
          << names[i] << " of case " << c << ": " << got.at(names[i]) << ", scikit-learn " << wanted;
    }
  }
}

TEST(Measures, PrintTheKnownTable) {
  ConfusionMatrix matrix(4);
  matrix.add(array(0, 0, {60}, 4), array(0, 1, {60}, 3));
  EXPECT_EQ(classification_report(matrix).text(), read_text_file(golden_path(__FILE__, "report.txt")));
}

TEST(Measures, TakeScoresForClasses) {
  const Tensor labels = Tensor::of<int32_t>({3}, {0, 2, 1});
  const Tensor scores = Tensor::of<float>({3, 3}, {0.5F, 0.5F, 0, 0, 0.2F, 0.8F, 0.9F, 0.1F, 0});
  const ConfusionMatrix matrix = confusion_matrix(labels, scores);
  EXPECT_EQ(matrix.values(), Numbers({1, 0, 0, 1, 0, 0, 0, 0, 1}));
  EXPECT_NEAR(matrix.error_rate(), 1.0 / 3, 1e-12);
}

TEST(Measures, OfNothingAreZero) {
  const ConfusionMatrix empty(3);
  EXPECT_EQ(empty.accuracy(), 0);
  EXPECT_EQ(empty.error_rate(), 0);
  EXPECT_EQ(empty.balanced_accuracy(), 0);
  EXPECT_EQ(empty.matthews_corrcoef(), 0);
  EXPECT_EQ(empty.cohen_kappa(), 0);
  EXPECT_EQ(average(empty.counts(), "weighted", &ConfusionCounts::f1), 0);
  for (double value : empty.normalized("all")) EXPECT_EQ(value, 0);
}

TEST(Measures, RefuseWhatMeansNothing) {
  const Tensor labels = Tensor::of<int32_t>({2}, {0, 1}), one = Tensor::of<double>({2}, {0.5, 0.1});
  const Tensor broken = Tensor::of<double>({2}, {0.5, std::nan("")});
  const auto told = [](auto f, const char* part) {
    EXPECT_NE(error_of(f).find(part), std::string::npos) << error_of(f);
  };
  told([&] { roc_auc(labels, broken); }, "nan in row 1");
  told([&] { roc_auc(Tensor::of<int32_t>({2}, {0, 2}), one); }, "0 or 1");
  told([&] { roc_auc(labels, one, "mean"); }, "\"macro\"");
  told([&] { log_loss(labels, Tensor::of<double>({2}, {0.5, 1.5})); }, "from 0 to 1");
  told([&] { mean_squared_error(one, Tensor({3}, DType::float64)); }, "expected 2 rows");
  told([&] { mean_squared_error(one, one, Tensor({2}, DType::float64)); }, "at least one above 0");
  told([&] { mean_squared_error(Tensor(), Tensor()); }, "at least one sample");
  told([&] { ConfusionMatrix(0); }, "between 1 and");
  ConfusionMatrix matrix(2);
  told([&] { matrix.add(labels, Tensor::of<int32_t>({2}, {0, 5})); }, "from 0 to 1, got 5 in row 1");
  EXPECT_EQ(matrix.total(), 0);
}

}  // namespace
}  // namespace folio
