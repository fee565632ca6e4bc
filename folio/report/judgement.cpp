#include "folio/report/judgement.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#include "folio/analysis/classification.h"
#include "folio/analysis/ranking.h"
#include "folio/analysis/regression.h"
#include "folio/base/error.h"
#include "folio/base/utf8.h"
#include "folio/report/png.h"

namespace folio {
namespace {

constexpr int64_t kScatter = 600;
constexpr size_t kShownOfTexts = 300;  // characters
constexpr size_t kResidualBins = 30, kCurves = 10, kBins = 10;

std::string numbers_of(const Tensor& row) {
  constexpr int64_t kShown = 12;
  std::string text;
  for (int64_t i = 0; i < std::min(row.count(), kShown); ++i)
    text += fmt::format("{}{:.4g}", i > 0 ? ", " : "", row.at(i));
  return text + (row.count() > kShown ? ", …" : "");
}

std::vector<MistakeRecord> mistakes_of(const Tensor& labels, const std::vector<int64_t>& predicted,
                                       const Tensor& probabilities, const Samples& samples,
                                       const std::vector<std::string>& names) {
  const int64_t classes = probabilities.shape()[1];
  std::vector<int64_t> wrong;
  for (int64_t i = 0; i < labels.count(); ++i)
    if (predicted[static_cast<size_t>(i)] != static_cast<int64_t>(labels.at(i))) wrong.push_back(i);
  const auto confidence = [&](int64_t row) {
    return probabilities.at(row * classes + predicted[static_cast<size_t>(row)]);
  };
  std::stable_sort(wrong.begin(), wrong.end(),
                   [&](int64_t a, int64_t b) { return confidence(a) > confidence(b); });
  wrong.resize(std::min(wrong.size(), kMistakes));
  std::vector<MistakeRecord> mistakes;
  for (const int64_t row : wrong) {
    MistakeRecord& mistake = mistakes.emplace_back();
    const auto at = static_cast<size_t>(row);
    mistake.row = 1 + (samples.rows.empty() ? row : samples.rows[at]);
    mistake.truth = names[static_cast<size_t>(labels.at(row))];
    mistake.predicted = names[static_cast<size_t>(predicted[static_cast<size_t>(row)])];
    mistake.confidence = confidence(row);
    const Tensor sample = samples.values.rows(row, row + 1).reshaped(samples.values.shape().from(1));
    if (is_picture(sample.shape()))
      mistake.picture = png_uri(sample);
    else
      mistake.text = samples.texts.empty() ? numbers_of(sample) : shortened(samples.texts[at], kShownOfTexts);
  }
  return mistakes;
}

// Confidence is the probability of the predicted class. (Guo 2017)
void calibrate(ClassificationRecord& record, const Tensor& labels, const std::vector<int64_t>& predicted,
               const Tensor& probabilities) {
  record.calibration.resize(kBins);
  for (int64_t i = 0; i < labels.count(); ++i) {
    const int64_t best = predicted[static_cast<size_t>(i)];
    const double confidence = std::clamp(probabilities.at(i * probabilities.shape()[1] + best), 0.0, 1.0);
    auto& bin = record.calibration[std::min(kBins - 1, static_cast<size_t>(confidence * kBins))];
    bin.confidence += confidence, ++bin.samples;
    bin.accuracy += best == static_cast<int64_t>(labels.at(i));
  }
  std::erase_if(record.calibration, [](const CalibrationRecord& bin) { return bin.samples == 0; });
  for (CalibrationRecord& bin : record.calibration) {
    record.calibration_error += std::abs(bin.confidence - bin.accuracy) / static_cast<double>(labels.count());
    bin.confidence /= bin.samples, bin.accuracy /= bin.samples;
  }
}

std::vector<std::string> names_up_to(int64_t classes, const std::vector<std::string>& names) {
  std::vector<std::string> result;
  for (int64_t c = 0; c < classes; ++c)
    result.push_back(static_cast<size_t>(c) < names.size() ? names[static_cast<size_t>(c)]
                                                           : std::to_string(c));
  return result;
}

void take(ClassificationRecord& record, const ClassificationReport& report) {
  const auto row = [](const ClassificationReport::Row& r) {
    return ClassRecord{r.name, r.precision, r.recall, r.f1, r.support};
  };
  for (const auto& r : report.classes) record.rows.push_back(row(r));
  for (const auto& r : report.averages) record.averages.push_back(row(r));
}

// For each class from `first` on, how well its scores tell its samples from the others: truth(i, c).
template <class Truth>
void add_curves(ClassificationRecord& record, int64_t first, const Truth& truth_of, const Tensor& scores_of) {
  const int64_t n = scores_of.shape()[0], classes = scores_of.shape()[1];
  std::vector<CurveRecord> roc, precision_recall;
  for (int64_t c = first; c < classes; ++c) {
    const double support = record.rows[static_cast<size_t>(c)].support;
    if (support == 0 || support == static_cast<double>(n)) continue;
    Tensor truth({n}), scores({n});
    for (int64_t i = 0; i < n; ++i)
      truth.set(i, truth_of(i, c)), scores.set(i, scores_of.at(i * classes + c));
    RocCurve curve = roc_curve(truth, scores);
    thin(curve.fpr, curve.tpr);
    const std::string& name = record.classes[static_cast<size_t>(c)];
    roc.push_back({name, roc_auc(truth, scores), std::move(curve.fpr), std::move(curve.tpr)});
    PrecisionRecallCurve pr = precision_recall_curve(truth, scores);
    std::reverse(pr.recall.begin(), pr.recall.end()), std::reverse(pr.precision.begin(), pr.precision.end());
    thin(pr.recall, pr.precision);
    precision_recall.push_back(
        {name, average_precision(truth, scores), std::move(pr.recall), std::move(pr.precision)});
  }
  // Of many those that are told apart worst.
  for (auto* curves : {&roc, &precision_recall})
    if (curves->size() > kCurves) {
      std::stable_sort(curves->begin(), curves->end(),
                       [](const auto& a, const auto& b) { return a.area < b.area; });
      curves->resize(kCurves);
    }
  record.roc = std::move(roc), record.precision_recall = std::move(precision_recall);
}

}  // namespace

void thin(std::vector<double>& x, std::vector<double>& y) {
  const size_t n = x.size();
  if (n < 3) return;
  constexpr double kTolerance = 1e-3;
  const auto [xl, xh] = std::minmax_element(x.begin(), x.end());
  const auto [yl, yh] = std::minmax_element(y.begin(), y.end());
  const double width = std::max(*xh - *xl, 1e-300), height = std::max(*yh - *yl, 1e-300);
  std::vector<char> kept(n, 0);
  kept[0] = kept[n - 1] = 1;
  // Douglas and Peucker: keep the point farthest from the chord while it is too far.
  std::vector<std::pair<size_t, size_t>> open{{0, n - 1}};
  while (!open.empty()) {
    const auto [from, to] = open.back();
    open.pop_back();
    const double dx = (x[to] - x[from]) / width, dy = (y[to] - y[from]) / height, length = std::hypot(dx, dy);
    double worst = kTolerance;
    size_t at = 0;
    for (size_t i = from + 1; i < to; ++i) {
      const double px = (x[i] - x[from]) / width, py = (y[i] - y[from]) / height;
      const double off = length > 0 ? std::abs(dx * py - dy * px) / length : std::hypot(px, py);
      if (off > worst) worst = off, at = i;
    }
    if (at == 0) continue;
    kept[at] = 1;
    open.emplace_back(from, at), open.emplace_back(at, to);
  }
  size_t to = 0;
  for (size_t i = 0; i < n; ++i)
    if (kept[i]) x[to] = x[i], y[to] = y[i], ++to;
  x.resize(to), y.resize(to);
}

ClassificationRecord judge_classes(const Tensor& labels, const Tensor& probabilities, const Samples& samples,
                                   const std::vector<std::string>& names) {
  const int64_t n = probabilities.shape()[0], classes = probabilities.shape()[1];
  ClassificationRecord record;
  record.classes = names_up_to(classes, names);
  record.samples = static_cast<double>(n);
  ConfusionMatrix matrix(classes);
  matrix.add(labels, probabilities);
  std::vector<int64_t> predicted;
  for (int64_t i = 0; i < n; ++i) {
    int64_t best = 0;
    for (int64_t c = 1; c < classes; ++c)
      if (probabilities.at(i * classes + c) > probabilities.at(i * classes + best)) best = c;
    predicted.push_back(best);
  }
  record.confusion = matrix.values();
  take(record, classification_report(matrix, record.classes));
  record.accuracy = matrix.accuracy(), record.balanced_accuracy = matrix.balanced_accuracy();
  for (const ClassRecord& r : record.rows)
    record.majority = std::max(record.majority, r.support / static_cast<double>(n));
  calibrate(record, labels, predicted, probabilities);
  // Of two classes the second alone, since the first is its mirror image.
  add_curves(
      record, classes == 2 ? 1 : 0,
      [&](int64_t i, int64_t c) { return static_cast<int64_t>(labels.at(i)) == c; }, probabilities);
  if (!samples.values.empty())
    record.mistakes = mistakes_of(labels, predicted, probabilities, samples, record.classes);
  return record;
}

ClassificationRecord judge_labels(const Tensor& targets, const Tensor& probabilities,
                                  const std::vector<std::string>& names) {
  const int64_t n = probabilities.shape()[0], labels = probabilities.shape()[1];
  ClassificationRecord record;
  record.classes = names_up_to(labels, names);
  record.samples = static_cast<double>(n);
  Tensor truth({n, labels}), called({n, labels});
  double all_right = 0;
  for (int64_t i = 0; i < n; ++i) {
    bool right = true;
    for (int64_t at = i * labels; at < (i + 1) * labels; ++at) {
      truth.set(at, targets.at(at) > 0.5), called.set(at, probabilities.at(at) > 0.5);
      right = right && truth.at(at) == called.at(at);
    }
    all_right += right;
  }
  const std::vector<ConfusionCounts> counts = multilabel_counts(truth, called);
  take(record, classification_report(counts, record.classes));
  record.accuracy = all_right / record.samples;
  record.balanced_accuracy = average(counts, "macro", &ConfusionCounts::recall);
  add_curves(
      record, 0, [&](int64_t i, int64_t c) { return truth.at(i * labels + c); }, probabilities);
  return record;
}

std::vector<RegressionRecord> judge_numbers(const Tensor& targets, const Tensor& predicted,
                                            const std::vector<std::string>& names) {
  int64_t n = targets.shape()[0], outputs = n > 0 ? targets.count() / n : 0;
  if (outputs > kNumbers) n *= outputs, outputs = 1;
  std::vector<RegressionRecord> records;
  for (int64_t o = 0; o < outputs; ++o) {
    Tensor truth({n}, DType::float64), guess({n}, DType::float64);
    double low = INFINITY, high = -INFINITY;
    for (int64_t i = 0; i < n; ++i) {
      truth.set(i, targets.at(i * outputs + o)), guess.set(i, predicted.at(i * outputs + o));
      low = std::min(low, guess.at(i) - truth.at(i)), high = std::max(high, guess.at(i) - truth.at(i));
    }
    RegressionRecord& record = records.emplace_back();
    const auto place = static_cast<size_t>(o);
    record.name = place < names.size() ? names[place] : outputs == 1 ? "" : fmt::format("output {}", o);
    record.r2 = r2_score(truth, guess), record.mean_absolute_error = mean_absolute_error(truth, guess);
    record.root_mean_squared_error = root_mean_squared_error(truth, guess);
    record.samples = static_cast<double>(n);
    const int64_t shown = std::min(n, kScatter);
    for (int64_t s = 0; s < shown; ++s) {
      const int64_t i = s * n / shown;
      record.truth.push_back(truth.at(i)), record.predicted.push_back(guess.at(i));
    }
    if (!(high > low)) low -= 0.5, high += 0.5;
    record.residual_counts.assign(kResidualBins, 0);
    for (size_t b = 0; b <= kResidualBins; ++b)
      record.residual_edges.push_back(low + (high - low) * static_cast<double>(b) / kResidualBins);
    for (int64_t i = 0; i < n; ++i) {
      const double at = (guess.at(i) - truth.at(i) - low) / (high - low) * kResidualBins;
      ++record.residual_counts[std::min(kResidualBins - 1, static_cast<size_t>(at))];
    }
  }
  return records;
}

}  // namespace folio
