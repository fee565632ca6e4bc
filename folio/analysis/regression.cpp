#include "folio/analysis/regression.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "folio/analysis/samples.h"
#include "folio/base/error.h"

namespace folio {
namespace {

struct Pairs {
  Samples targets, predicted;
  std::vector<double> weights;
  bool weighted = false;
  double total = 0;  ///< weight

  Pairs(const Tensor& y, const Tensor& p, const Tensor& w)
      : targets(samples(y, "targets")), predicted(samples(p, "predictions")) {
    check_same_rows(targets.rows, predicted.rows, "predictions");
    check_same_width(targets.width, predicted.width, "predictions");
    weights = mean_weights(w, targets.rows);
    weighted = w.raw() != nullptr;
    for (double weight : weights) total += weight;
  }
  /// The weighted mean over the rows of f(target, prediction) in a column.
  template <class F>
  double mean(int64_t column, F&& f) const {
    double sum = 0;
    for (int64_t r = 0; r < targets.rows; ++r)
      sum += weights[static_cast<size_t>(r)] * f(targets.at(r, column), predicted.at(r, column));
    return sum / total;
  }
  /// Whether f(target, prediction) is the same in all rows of a column that count.
  template <class F>
  bool equal(int64_t column, F&& f) const {
    std::optional<double> first;
    for (int64_t r = 0; r < targets.rows; ++r) {
      if (weights[static_cast<size_t>(r)] == 0) continue;
      const double here = f(targets.at(r, column), predicted.at(r, column));
      if (!first) first = here;
      if (here != *first) return false;
    }
    return true;
  }
  template <class F>
  double over_columns(F&& f) const {
    double sum = 0;
    for (int64_t c = 0; c < targets.width; ++c) sum += f(c);
    return sum / static_cast<double>(targets.width);
  }
};

double squared(double x) { return x * x; }

// 1 - left / all per output, and their average by `multioutput`.
double share_explained(const Pairs& pairs, const std::string& multioutput, bool from_mean) {
  if (multioutput != "uniform_average" && multioutput != "variance_weighted")
    throw Error("multioutput: expected \"uniform_average\" or \"variance_weighted\", got \"" + multioutput +
                "\"");
  double sum = 0, weights = 0, plain = 0;
  for (int64_t c = 0; c < pairs.targets.width; ++c) {
    const double center = pairs.mean(c, [](double y, double) { return y; });
    const double shift = from_mean ? pairs.mean(c, [](double y, double p) { return y - p; }) : 0;
    // The mean of equal numbers may be off by a rounding.
    const bool constant_errors = from_mean && pairs.equal(c, [](double y, double p) { return y - p; });
    const double left =
        constant_errors ? 0 : pairs.mean(c, [&](double y, double p) { return squared(y - p - shift); });
    const bool constant_targets = pairs.equal(c, [](double y, double) { return y; });
    const double all =
        constant_targets ? 0 : pairs.mean(c, [&](double y, double) { return squared(y - center); });
    const double score = all > 0 ? 1 - left / all : left > 0 ? 0 : 1;
    sum += all * score, weights += all, plain += score;
  }
  if (multioutput == "variance_weighted" && weights > 0) return sum / weights;
  return plain / static_cast<double>(pairs.targets.width);
}

}  // namespace

double mean_squared_error(const Tensor& targets, const Tensor& predicted, const Tensor& weights) {
  const Pairs pairs(targets, predicted, weights);
  return pairs.over_columns(
      [&](int64_t c) { return pairs.mean(c, [](double y, double p) { return squared(y - p); }); });
}

double root_mean_squared_error(const Tensor& targets, const Tensor& predicted, const Tensor& weights) {
  const Pairs pairs(targets, predicted, weights);
  return pairs.over_columns(
      [&](int64_t c) { return std::sqrt(pairs.mean(c, [](double y, double p) { return squared(y - p); })); });
}

double mean_absolute_error(const Tensor& targets, const Tensor& predicted, const Tensor& weights) {
  const Pairs pairs(targets, predicted, weights);
  return pairs.over_columns(
      [&](int64_t c) { return pairs.mean(c, [](double y, double p) { return std::abs(y - p); }); });
}

double mean_absolute_percentage_error(const Tensor& targets, const Tensor& predicted, const Tensor& weights) {
  const Pairs pairs(targets, predicted, weights);
  return pairs.over_columns([&](int64_t c) {
    return pairs.mean(c, [](double y, double p) {
      return std::abs(y - p) / std::max(std::abs(y), std::numeric_limits<double>::epsilon());
    });
  });
}

double median_absolute_error(const Tensor& targets, const Tensor& predicted, const Tensor& weights) {
  const Pairs pairs(targets, predicted, weights);
  return pairs.over_columns([&](int64_t c) {
    std::vector<std::pair<double, double>> errors;  // with their weights
    for (int64_t r = 0; r < pairs.targets.rows; ++r)
      errors.emplace_back(std::abs(pairs.targets.at(r, c) - pairs.predicted.at(r, c)),
                          pairs.weights[static_cast<size_t>(r)]);
    std::sort(errors.begin(), errors.end());
    const size_t n = errors.size();
    if (!pairs.weighted) return (errors[(n - 1) / 2].first + errors[n / 2].first) / 2;
    double before = 0;
    for (const auto& [error, weight] : errors) {
      before += weight;
      if (before >= pairs.total / 2) return error;
    }
    return errors.back().first;
  });
}

double r2_score(const Tensor& targets, const Tensor& predicted, const Tensor& weights,
                const std::string& multioutput) {
  return share_explained(Pairs(targets, predicted, weights), multioutput, false);
}

double explained_variance(const Tensor& targets, const Tensor& predicted, const Tensor& weights,
                          const std::string& multioutput) {
  return share_explained(Pairs(targets, predicted, weights), multioutput, true);
}

}  // namespace folio
