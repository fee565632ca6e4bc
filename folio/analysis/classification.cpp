#include "folio/analysis/classification.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "folio/analysis/samples.h"
#include "folio/base/error.h"

namespace folio {
namespace {

constexpr int64_t kMostClasses = 1 << 15;

// The classes that scores choose, or that are given.
std::vector<int64_t> predicted_classes(const Tensor& predicted, int64_t classes) {
  if (predicted.shape().rank() < 2 || predicted.shape()[-1] == 1)
    return class_numbers(predicted, classes, "predictions");
  const Samples scores = samples(predicted, "predictions");
  check_same_width(classes, scores.width, "predictions");
  std::vector<int64_t> result;
  for (int64_t r = 0; r < scores.rows; ++r) {
    const auto row = scores.values.begin() + r * scores.width;
    result.push_back(std::max_element(row, row + scores.width) - row);
  }
  return result;
}

}  // namespace

double ConfusionCounts::accuracy() const { return ratio(tp + tn, total()); }
double ConfusionCounts::error_rate() const { return ratio(fp + fn, total()); }
double ConfusionCounts::precision() const { return ratio(tp, tp + fp); }
double ConfusionCounts::recall() const { return ratio(tp, tp + fn); }
double ConfusionCounts::false_positive_rate() const { return ratio(fp, fp + tn); }
double ConfusionCounts::specificity() const { return ratio(tn, fp + tn); }
double ConfusionCounts::false_negative_rate() const { return ratio(fn, tp + fn); }

double ConfusionCounts::f_beta(double beta) const {
  if (!(beta >= 0 && std::isfinite(beta)))
    throw Error(fmt::format("f_beta: beta: expected a number of 0 or more, got {}", beta));
  const double b = beta * beta;
  return ratio((1 + b) * tp, (1 + b) * tp + b * fn + fp);
}

ConfusionCounts& ConfusionCounts::operator+=(const ConfusionCounts& other) {
  tp += other.tp, fp += other.fp, fn += other.fn, tn += other.tn;
  return *this;
}

double average(const std::vector<ConfusionCounts>& counts, const std::string& how,
               const std::function<double(const ConfusionCounts&)>& measure) {
  if (how == "micro") {
    ConfusionCounts all;
    for (const ConfusionCounts& one : counts) all += one;
    return measure(all);
  }
  if (how != "macro" && how != "weighted")
    throw Error("average: expected \"macro\", \"micro\" or \"weighted\", got \"" + how + "\"");
  double sum = 0, weights = 0;
  for (const ConfusionCounts& one : counts) {
    const double weight = how == "macro" ? 1 : one.support();
    sum += weight * measure(one);
    weights += weight;
  }
  return ratio(sum, weights);
}

ConfusionMatrix::ConfusionMatrix(int64_t classes) : classes_(classes) {
  if (classes < 1 || classes > kMostClasses)
    throw Error(
        fmt::format("ConfusionMatrix: expected between 1 and {} classes, got {}", kMostClasses, classes));
  values_.assign(static_cast<size_t>(classes * classes), 0.0);
}

void ConfusionMatrix::add(const Tensor& labels, const Tensor& predicted, const Tensor& weights) {
  const std::vector<int64_t> is = class_numbers(labels, classes_, "labels");
  const std::vector<int64_t> called = predicted_classes(predicted, classes_);
  const auto rows = static_cast<int64_t>(is.size());
  check_same_rows(rows, static_cast<int64_t>(called.size()), "predictions");
  const std::vector<double> weight = sample_weights(weights, rows);
  for (size_t r = 0; r < is.size(); ++r)
    values_[static_cast<size_t>(is[r] * classes_ + called[r])] += weight[r];
}

void ConfusionMatrix::add(const ConfusionMatrix& other) {
  if (other.classes_ != classes_)
    throw Error(fmt::format("ConfusionMatrix: a matrix of {} classes cannot take one of {}", classes_,
                            other.classes_));
  for (size_t i = 0; i < values_.size(); ++i) values_[i] += other.values_[i];
}

double ConfusionMatrix::at(int64_t label, int64_t predicted) const {
  if (label < 0 || label >= classes_ || predicted < 0 || predicted >= classes_)
    throw Error(fmt::format("ConfusionMatrix: expected classes from 0 to {}, got {} and {}", classes_ - 1,
                            label, predicted));
  return values_[static_cast<size_t>(label * classes_ + predicted)];
}

std::vector<double> ConfusionMatrix::normalized(const std::string& by) const {
  if (by != "true" && by != "pred" && by != "all")
    throw Error("ConfusionMatrix: normalized: expected \"true\", \"pred\" or \"all\", got \"" + by + "\"");
  std::vector<double> result = values_;
  const double all = total();
  const std::vector<ConfusionCounts> each = counts();
  for (int64_t r = 0; r < classes_; ++r)
    for (int64_t c = 0; c < classes_; ++c) {
      const ConfusionCounts &row = each[static_cast<size_t>(r)], &column = each[static_cast<size_t>(c)];
      double& value = result[static_cast<size_t>(r * classes_ + c)];
      value = ratio(value, by == "true" ? row.support() : by == "pred" ? column.tp + column.fp : all);
    }
  return result;
}

ConfusionCounts ConfusionMatrix::counts(int64_t one_class) const {
  ConfusionCounts result;
  result.tp = at(one_class, one_class);
  for (int64_t c = 0; c < classes_; ++c)
    if (c != one_class) result.fn += at(one_class, c), result.fp += at(c, one_class);
  for (int64_t r = 0; r < classes_; ++r)
    for (int64_t c = 0; c < classes_; ++c)
      if (r != one_class && c != one_class) result.tn += values_[static_cast<size_t>(r * classes_ + c)];
  return result;
}

std::vector<ConfusionCounts> ConfusionMatrix::counts() const {
  std::vector<ConfusionCounts> result(static_cast<size_t>(classes_));
  for (int64_t r = 0; r < classes_; ++r)
    for (int64_t c = 0; c < classes_; ++c) {
      const double value = at(r, c);
      if (r == c) {
        result[static_cast<size_t>(r)].tp += value;
      } else {
        result[static_cast<size_t>(r)].fn += value;
        result[static_cast<size_t>(c)].fp += value;
      }
    }
  const double all = total();
  // Never below 0, where weights that are no whole numbers leave a rest.
  for (ConfusionCounts& one : result) one.tn = std::max(0.0, all - one.tp - one.fn - one.fp);
  return result;
}

double ConfusionMatrix::total() const {
  double sum = 0;
  for (double value : values_) sum += value;
  return sum;
}

double ConfusionMatrix::accuracy() const {
  double right = 0;
  for (int64_t c = 0; c < classes_; ++c) right += at(c, c);
  return ratio(right, total());
}

double ConfusionMatrix::error_rate() const { return total() == 0 ? 0 : 1 - accuracy(); }

double ConfusionMatrix::balanced_accuracy(bool adjusted) const {
  double sum = 0, present = 0;
  for (const ConfusionCounts& one : counts())
    if (one.support() > 0) sum += one.recall(), ++present;
  const double score = ratio(sum, present);
  if (!adjusted) return score;
  return present > 1 ? (score - 1 / present) / (1 - 1 / present) : 0;
}

double ConfusionMatrix::matthews_corrcoef() const {
  double right = 0, both = 0, labels = 0, predicted = 0;
  const double all = total();
  for (const ConfusionCounts& one : counts()) {
    right += one.tp;
    both += one.support() * (one.tp + one.fp);
    labels += one.support() * one.support();
    predicted += (one.tp + one.fp) * (one.tp + one.fp);
  }
  const double spread = (all * all - labels) * (all * all - predicted);
  return spread > 0 ? (right * all - both) / std::sqrt(spread) : 0;
}

double ConfusionMatrix::cohen_kappa(const std::string& weights) const {
  if (weights != "none" && weights != "linear" && weights != "quadratic")
    throw Error("cohen_kappa: weights: expected \"none\", \"linear\" or \"quadratic\", got \"" + weights +
                "\"");
  const std::vector<ConfusionCounts> each = counts();
  const double all = total();
  double observed = 0, expected = 0;
  for (int64_t r = 0; r < classes_; ++r)
    for (int64_t c = 0; c < classes_; ++c) {
      const ConfusionCounts &row = each[static_cast<size_t>(r)], &column = each[static_cast<size_t>(c)];
      const double distance = std::abs(static_cast<double>(r - c));
      const double cost = weights == "linear"      ? distance
                          : weights == "quadratic" ? distance * distance
                                                   : r != c;
      observed += cost * at(r, c);
      expected += cost * ratio(row.support() * (column.tp + column.fp), all);
    }
  return expected == 0 ? 0 : 1 - observed / expected;
}

ConfusionMatrix confusion_matrix(const Tensor& labels, const Tensor& predicted, int64_t classes,
                                 const Tensor& weights) {
  if (classes == 0 && predicted.shape().rank() == 2 && predicted.shape()[-1] > 1)
    classes = predicted.shape()[-1];
  if (classes == 0)
    for (const auto& [array, what] : {std::pair{&labels, "labels"}, std::pair{&predicted, "predictions"}})
      for (int64_t number : class_numbers(*array, 0, what)) classes = std::max(classes, number + 1);
  ConfusionMatrix matrix(classes);
  matrix.add(labels, predicted, weights);
  return matrix;
}

std::vector<ConfusionCounts> multilabel_counts(const Tensor& labels, const Tensor& predicted,
                                               const Tensor& weights) {
  const Samples is = truth_values(labels, "labels"), called = truth_values(predicted, "predictions");
  check_same_rows(is.rows, called.rows, "predictions");
  check_same_width(is.width, called.width, "predictions");
  const std::vector<double> weight = sample_weights(weights, is.rows);
  std::vector<ConfusionCounts> result(static_cast<size_t>(is.width));
  for (int64_t r = 0; r < is.rows; ++r)
    for (int64_t c = 0; c < is.width; ++c) {
      ConfusionCounts& of = result[static_cast<size_t>(c)];
      double& one =
          is.at(r, c) == 1 ? (called.at(r, c) == 1 ? of.tp : of.fn) : (called.at(r, c) == 1 ? of.fp : of.tn);
      one += weight[static_cast<size_t>(r)];
    }
  return result;
}

ConfusionCounts binary_counts(const Tensor& labels, const Tensor& scores, double threshold,
                              const Tensor& weights) {
  const Samples given = samples(scores, "scores");
  check_same_width(1, given.width, "scores");
  Tensor called({given.rows}, DType::float64);
  for (int64_t r = 0; r < given.rows; ++r) called.set(r, given.at(r) > threshold);
  const std::vector<ConfusionCounts> counts = multilabel_counts(labels, called, weights);
  return counts[0];
}

}  // namespace folio
