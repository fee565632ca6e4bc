#include "folio/analysis/ranking.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <limits>

#include "folio/analysis/samples.h"
#include "folio/base/error.h"

namespace folio {
namespace {

/// Scores of two classes: who is positive, and what each sample weighs.
struct Ranking {
  std::vector<double> positive, scores, weights;
};

/// The weight of positives and negatives scored at or above each of the distinct scores, best first.
struct Steps {
  std::vector<double> tp, fp, thresholds;
  double positives() const { return tp.empty() ? 0 : tp.back(); }
  double negatives() const { return fp.empty() ? 0 : fp.back(); }
};

Steps steps_of(const Ranking& ranking) {
  std::vector<size_t> order;
  for (size_t i = 0; i < ranking.scores.size(); ++i)
    if (ranking.weights[i] > 0) order.push_back(i);
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return ranking.scores[a] > ranking.scores[b]; });
  Steps steps;
  double tp = 0, fp = 0;
  for (size_t i = 0; i < order.size(); ++i) {
    const size_t at = order[i];
    tp += ranking.positive[at] * ranking.weights[at];
    fp += (1 - ranking.positive[at]) * ranking.weights[at];
    if (i + 1 < order.size() && ranking.scores[order[i + 1]] == ranking.scores[at]) continue;
    steps.tp.push_back(tp), steps.fp.push_back(fp), steps.thresholds.push_back(ranking.scores[at]);
  }
  return steps;
}

double roc_area(const Steps& steps) {
  double area = 0, tp = 0, fp = 0;
  for (size_t i = 0; i < steps.tp.size(); ++i) {
    area += (steps.fp[i] - fp) * (steps.tp[i] + tp) / 2;
    tp = steps.tp[i], fp = steps.fp[i];
  }
  return area / (steps.positives() * steps.negatives());
}

double precision_area(const Steps& steps) {
  double area = 0, before = 0;
  for (size_t i = 0; i < steps.tp.size(); ++i) {
    area += (steps.tp[i] - before) * ratio(steps.tp[i], steps.tp[i] + steps.fp[i]);
    before = steps.tp[i];
  }
  return ratio(area, steps.positives());
}

Ranking binary_ranking(const Tensor& labels, const Tensor& scores, const Tensor& weights) {
  Samples is = truth_values(labels, "labels"), given = samples(scores, "scores");
  check_same_width(1, is.width, "labels");
  check_same_width(1, given.width, "scores");
  check_same_rows(is.rows, given.rows, "scores");
  return {std::move(is.values), std::move(given.values), sample_weights(weights, is.rows)};
}

// One ranking per class, or all of them as one.
std::vector<Ranking> rankings(const Tensor& labels, const Tensor& scores, const Tensor& weights,
                              bool as_one) {
  const Samples given = samples(scores, "scores");
  if (given.width == 1) return {binary_ranking(labels, scores, weights)};
  Samples is{given.rows, given.width, {}};
  if (labels.shape().rank() == 2 && labels.shape()[-1] > 1) {
    is = truth_values(labels, "labels");
    check_same_width(given.width, is.width, "labels");
  } else {
    const std::vector<int64_t> classes = class_numbers(labels, given.width, "labels");
    is.rows = static_cast<int64_t>(classes.size());
    is.values.assign(classes.size() * static_cast<size_t>(given.width), 0);
    for (size_t r = 0; r < classes.size(); ++r)
      is.values[r * static_cast<size_t>(given.width) + static_cast<size_t>(classes[r])] = 1;
  }
  check_same_rows(is.rows, given.rows, "scores");
  const std::vector<double> weight = sample_weights(weights, given.rows);
  std::vector<Ranking> result(as_one ? 1 : static_cast<size_t>(given.width));
  for (int64_t c = 0; c < given.width; ++c) {
    Ranking& of = result[as_one ? 0 : static_cast<size_t>(c)];
    for (int64_t r = 0; r < given.rows; ++r) {
      of.positive.push_back(is.at(r, c));
      of.scores.push_back(given.at(r, c));
      of.weights.push_back(weight[static_cast<size_t>(r)]);
    }
  }
  return result;
}

// Averages a measure over the classes that `counts` accepts.
double averaged(const Tensor& labels, const Tensor& scores, const std::string& how, const Tensor& weights,
                const char* what, double otherwise, const std::function<bool(const Steps&)>& counts,
                const std::function<double(const Steps&)>& measure) {
  if (how != "macro" && how != "micro" && how != "weighted")
    throw Error(fmt::format("{}: expected \"macro\", \"micro\" or \"weighted\", got \"{}\"", what, how));
  double sum = 0, total = 0;
  for (const Ranking& ranking : rankings(labels, scores, weights, how == "micro")) {
    const Steps steps = steps_of(ranking);
    if (!counts(steps)) continue;
    const double weight = how == "weighted" ? steps.positives() : 1;
    sum += weight * measure(steps), total += weight;
  }
  return total > 0 ? sum / total : otherwise;
}

}  // namespace

RocCurve roc_curve(const Tensor& labels, const Tensor& scores, const Tensor& weights,
                   bool drop_intermediate) {
  const Steps steps = steps_of(binary_ranking(labels, scores, weights));
  RocCurve curve;
  const auto add = [&](double fp, double tp, double threshold) {
    curve.fpr.push_back(ratio(fp, steps.negatives()));
    curve.tpr.push_back(ratio(tp, steps.positives()));
    curve.thresholds.push_back(threshold);
  };
  add(0, 0, std::numeric_limits<double>::infinity());
  for (size_t i = 0; i < steps.tp.size(); ++i) {
    const bool inside = i > 0 && i + 1 < steps.tp.size() &&
                        steps.tp[i] - steps.tp[i - 1] == steps.tp[i + 1] - steps.tp[i] &&
                        steps.fp[i] - steps.fp[i - 1] == steps.fp[i + 1] - steps.fp[i];
    if (!drop_intermediate || !inside) add(steps.fp[i], steps.tp[i], steps.thresholds[i]);
  }
  return curve;
}

double roc_auc(const Tensor& labels, const Tensor& scores, const std::string& how, const Tensor& weights) {
  return averaged(
      labels, scores, how, weights, "roc_auc", 0.5,
      [](const Steps& steps) { return steps.positives() > 0 && steps.negatives() > 0; }, roc_area);
}

PrecisionRecallCurve precision_recall_curve(const Tensor& labels, const Tensor& scores,
                                            const Tensor& weights) {
  const Steps steps = steps_of(binary_ranking(labels, scores, weights));
  PrecisionRecallCurve curve;
  for (size_t i = steps.tp.size(); i-- > 0;) {
    curve.precision.push_back(ratio(steps.tp[i], steps.tp[i] + steps.fp[i]));
    curve.recall.push_back(steps.positives() > 0 ? steps.tp[i] / steps.positives() : 1);
    curve.thresholds.push_back(steps.thresholds[i]);
  }
  curve.precision.push_back(1), curve.recall.push_back(0);
  return curve;
}

double average_precision(const Tensor& labels, const Tensor& scores, const std::string& how,
                         const Tensor& weights) {
  return averaged(
      labels, scores, how, weights, "average_precision", 0, [](const Steps&) { return true; },
      precision_area);
}

double top_k_accuracy(const Tensor& labels, const Tensor& scores, int64_t k, const Tensor& weights) {
  const Samples given = samples(scores, "scores");
  if (given.width < 2) throw Error("top_k_accuracy: expected scores of shape (n, classes), one per class");
  if (k < 1) throw Error(fmt::format("top_k_accuracy: k: expected at least 1, got {}", k));
  const std::vector<int64_t> classes = class_numbers(labels, given.width, "labels");
  check_same_rows(static_cast<int64_t>(classes.size()), given.rows, "scores");
  const std::vector<double> weight = mean_weights(weights, given.rows);
  double right = 0, total = 0;
  for (int64_t r = 0; r < given.rows; ++r) {
    const int64_t label = classes[static_cast<size_t>(r)];
    int64_t before = 0;
    for (int64_t c = 0; c < given.width; ++c)
      before += given.at(r, c) > given.at(r, label) || (given.at(r, c) == given.at(r, label) && c > label);
    if (before < k) right += weight[static_cast<size_t>(r)];
    total += weight[static_cast<size_t>(r)];
  }
  return right / total;
}

}  // namespace folio
