#include "folio/analysis/priors.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "folio/analysis/bayes.h"
#include "folio/base/error.h"

namespace folio {
namespace {

/// A column of probabilities of class 1 as two columns; tables as they are; float64 both.
Tensor as_table(const Tensor& posteriors, const std::string& place) {
  const Shape& shape = posteriors.shape();
  const bool column = shape.rank() == 1 || (shape.rank() == 2 && shape[1] == 1);
  if (!column && (shape.rank() != 2 || shape[1] == 0))
    throw Error(fmt::format("{}: expected posteriors of shape (rows, classes) or (rows,), got {}", place,
                            to_string(shape)));
  for (int64_t i = 0; i < posteriors.count(); ++i)
    if (!(posteriors.at(i) >= 0 && posteriors.at(i) <= 1 + 1e-3))
      throw Error(
          fmt::format("{}: element {}: expected a probability, got {}; put softmax or sigmoid after logits",
                      place, i, posteriors.at(i)));
  const int64_t rows = shape[0], classes = column ? 2 : shape[1];
  Tensor table({rows, classes}, DType::float64);
  for (int64_t r = 0; r < rows; ++r) {
    double* row = table.data<double>() + r * classes;
    if (column) {
      row[1] = std::min(posteriors.at(r), 1.0);
      row[0] = 1 - row[1];
      continue;
    }
    double sum = 0;
    for (int64_t c = 0; c < classes; ++c) sum += row[c] = posteriors.at(r * classes + c);
    if (std::abs(sum - 1) > 1e-3)
      throw Error(
          fmt::format("{}: row {}: expected probabilities that add up to 1, got {}; reweight the columns of "
                      "several sigmoids one by one",
                      place, r, sum));
  }
  return table;
}

/// Rows times factors, divided by their sums.
void scale_rows(Tensor& table, const std::vector<double>& factors, const std::vector<double>& otherwise) {
  const auto classes = static_cast<int64_t>(factors.size());
  for (int64_t r = 0; r < table.shape()[0]; ++r) {
    double* row = table.data<double>() + r * classes;
    double sum = 0;
    for (int64_t c = 0; c < classes; ++c) sum += row[c] *= factors[static_cast<size_t>(c)];
    for (int64_t c = 0; c < classes; ++c) row[c] = sum > 0 ? row[c] / sum : otherwise[static_cast<size_t>(c)];
  }
}

std::vector<double> ratios(const std::vector<double>& new_priors, const std::vector<double>& old_priors) {
  std::vector<double> result;
  double largest = 0;
  for (size_t c = 0; c < old_priors.size(); ++c) {
    if (old_priors[c] == 0 && new_priors[c] > 0)
      throw Error(fmt::format(
          "priors: class {} has the old prior 0, so nothing is known of it; train with samples of it", c));
    result.push_back(new_priors[c] == 0 ? 0 : new_priors[c] / old_priors[c]);
    largest = std::max(largest, result.back());
  }
  for (double& ratio : result) ratio /= largest;  // so that no product overflows
  return result;
}

void check_probability(double value, const char* what) {
  if (!(value > 0 && value < 1))
    throw Error(fmt::format("{}: expected a probability above 0 and below 1, got {}", what, value));
}

}  // namespace

std::vector<double> class_shares(const Tensor& y, int64_t classes) {
  if (y.empty() || classes < 1) throw Error("class shares: expected labels and classes, got none");
  std::vector<double> shares(static_cast<size_t>(classes));
  for (int64_t r = 0; r < y.count(); ++r) {
    const double label = y.at(r);
    if (!(label >= 0 && label < static_cast<double>(classes)) || label != std::floor(label))
      throw Error(
          fmt::format("class shares: row {}: expected a class from 0 to {}, got {}", r, classes - 1, label));
    shares[static_cast<size_t>(label)] += 1;
  }
  for (double& share : shares) share /= static_cast<double>(y.count());
  return shares;
}

Tensor reweight(const Tensor& posteriors, const std::vector<double>& old_priors,
                const std::vector<double>& new_priors) {
  Tensor table = as_table(posteriors, "reweight");
  const int64_t classes = table.shape()[1];
  check_priors(old_priors, classes, "reweight: old priors");
  check_priors(new_priors, classes, "reweight: new priors");
  scale_rows(table, ratios(new_priors, old_priors), new_priors);
  Tensor result(posteriors.shape(), posteriors.dtype());
  const bool column = result.count() != table.count();
  for (int64_t i = 0; i < result.count(); ++i) result.set(i, table.at(column ? 2 * i + 1 : i));
  return result;
}

PriorEstimate estimate_priors(const Tensor& posteriors, const std::vector<double>& old_priors,
                              int most_iterations, double tolerance) {
  const Tensor table = as_table(posteriors, "estimate priors");
  const int64_t rows = table.shape()[0], classes = table.shape()[1];
  if (rows == 0) throw Error("estimate priors: expected posteriors, got none");
  check_priors(old_priors, classes, "estimate priors");
  PriorEstimate estimate;
  estimate.priors = old_priors;
  while (estimate.iterations < most_iterations && !estimate.converged) {
    Tensor moved = table.clone();
    scale_rows(moved, ratios(estimate.priors, old_priors), estimate.priors);
    std::vector<double> means(static_cast<size_t>(classes));
    for (int64_t i = 0; i < moved.count(); ++i)
      means[static_cast<size_t>(i % classes)] += moved.data<double>()[i] / static_cast<double>(rows);
    estimate.converged = true;
    for (size_t c = 0; c < means.size(); ++c)
      estimate.converged = estimate.converged && std::abs(means[c] - estimate.priors[c]) <= tolerance;
    estimate.priors = std::move(means);
    ++estimate.iterations;
  }
  estimate.posteriors = reweight(posteriors, old_priors, estimate.priors);
  return estimate;
}

double cost_threshold(double false_positive, double false_negative) {
  if (!(false_positive >= 0 && false_negative >= 0) || !(false_positive + false_negative > 0) ||
      !std::isfinite(false_positive + false_negative))
    throw Error(fmt::format("costs: expected two that are not negative and not both 0, got {} and {}",
                            false_positive, false_negative));
  return false_positive / (false_positive + false_negative);
}

double reweighted_threshold(double threshold, double old_prior, double new_prior) {
  check_probability(threshold, "threshold");
  check_probability(old_prior, "old prior");
  check_probability(new_prior, "new prior");
  // odds = threshold / (1 - threshold), moved back by the ratio of the priors' odds
  const double positive = threshold * old_prior * (1 - new_prior),
               negative = (1 - threshold) * (1 - old_prior) * new_prior;
  return positive / (positive + negative);
}

Tensor decide(const Tensor& posteriors, const Tensor& costs) {
  const Tensor table = as_table(posteriors, "decide");
  const int64_t rows = table.shape()[0], classes = table.shape()[1];
  if (costs.shape() != Shape{classes, classes})
    throw Error(fmt::format("decide: expected costs of shape ({0}, {0}), got {1}", classes,
                            to_string(costs.shape())));
  Tensor gains({rows, classes}, DType::float64);
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t j = 0; j < classes; ++j)
      for (int64_t i = 0; i < classes; ++i)
        gains.data<double>()[r * classes + j] -= table.at(r * classes + i) * costs.at(i * classes + j);
  return largest_columns(gains);
}

}  // namespace folio
