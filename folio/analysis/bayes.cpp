#include "folio/analysis/bayes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "folio/base/error.h"

namespace folio {
namespace {

void check_table(const Tensor& table, const std::string& place) {
  if (table.shape().rank() != 2 || table.shape()[1] == 0)
    throw Error(fmt::format("{}: expected shape (rows, classes), got {}", place, to_string(table.shape())));
}

std::vector<double> logs_of(const std::vector<double>& numbers) {
  std::vector<double> logs;
  for (double number : numbers) logs.push_back(std::log(number));
  return logs;
}

Tensor checked_likelihoods(const Tensor& likelihoods, const std::vector<double>& priors) {
  check_table(likelihoods, "likelihoods");
  check_priors(priors, likelihoods.shape()[1], "Bayes");
  for (int64_t i = 0; i < likelihoods.count(); ++i)
    if (!std::isfinite(likelihoods.at(i)) || likelihoods.at(i) < 0)
      throw Error(fmt::format("likelihoods: element {}: expected a number that is not negative, got {}", i,
                              likelihoods.at(i)));
  return likelihoods;
}

}  // namespace

void check_priors(const std::vector<double>& priors, int64_t classes, const std::string& place) {
  if (priors.empty() || (classes != 0 && static_cast<int64_t>(priors.size()) != classes))
    throw Error(fmt::format("{}: expected one prior for each of the {} classes, got {}", place, classes,
                            priors.size()));
  double sum = 0;
  for (double prior : priors) {
    if (!std::isfinite(prior) || prior < 0)
      throw Error(fmt::format("{}: expected priors that are not negative, got {}", place, prior));
    sum += prior;
  }
  if (std::abs(sum - 1) > 1e-5)
    throw Error(
        fmt::format("{}: expected priors that add up to 1, got {}; divide them by their sum", place, sum));
}

void normalize_log_rows(Tensor& joint, const std::vector<double>& log_priors) {
  const int64_t classes = joint.shape()[1];
  for (int64_t r = 0; r < joint.shape()[0]; ++r) {
    double* row = joint.data<double>() + r * classes;
    if (std::isinf(*std::max_element(row, row + classes)))
      std::copy(log_priors.begin(), log_priors.end(), row);
    const double largest = *std::max_element(row, row + classes);
    double sum = 0;
    for (int64_t c = 0; c < classes; ++c) sum += std::exp(row[c] - largest);
    for (int64_t c = 0; c < classes; ++c) row[c] = row[c] - largest - std::log(sum);
  }
}

Tensor largest_columns(const Tensor& table) {
  check_table(table, "probabilities");
  const int64_t rows = table.shape()[0], columns = table.shape()[1];
  Tensor result({rows}, DType::int64);
  for (int64_t r = 0; r < rows; ++r) {
    int64_t best = 0;
    for (int64_t c = 1; c < columns; ++c)
      if (table.at(r * columns + c) > table.at(r * columns + best)) best = c;
    result.data<int64_t>()[r] = best;
  }
  return result;
}

Tensor log_posterior(const Tensor& log_likelihoods, const std::vector<double>& priors) {
  check_table(log_likelihoods, "log likelihoods");
  const int64_t classes = log_likelihoods.shape()[1];
  check_priors(priors, classes, "Bayes");
  const std::vector<double> log_priors = logs_of(priors);
  Tensor joint(log_likelihoods.shape(), DType::float64);
  for (int64_t i = 0; i < joint.count(); ++i) {
    const double value = log_likelihoods.at(i);
    if (std::isnan(value) || value == INFINITY)
      throw Error(
          fmt::format("log likelihoods: element {}: expected a number below infinity, got {}", i, value));
    joint.data<double>()[i] = value + log_priors[static_cast<size_t>(i % classes)];
  }
  normalize_log_rows(joint, log_priors);
  return joint;
}

Tensor posterior(const Tensor& likelihoods, const std::vector<double>& priors) {
  Tensor logs(checked_likelihoods(likelihoods, priors).shape(), DType::float64);
  for (int64_t i = 0; i < logs.count(); ++i) logs.data<double>()[i] = std::log(likelihoods.at(i));
  Tensor result = log_posterior(logs, priors);
  for (int64_t i = 0; i < result.count(); ++i) result.set(i, std::exp(result.at(i)));
  return result;
}

Tensor evidence(const Tensor& likelihoods, const std::vector<double>& priors) {
  checked_likelihoods(likelihoods, priors);
  const int64_t rows = likelihoods.shape()[0], classes = likelihoods.shape()[1];
  Tensor result({rows}, DType::float64);
  for (int64_t i = 0; i < likelihoods.count(); ++i)
    result.data<double>()[i / classes] += likelihoods.at(i) * priors[static_cast<size_t>(i % classes)];
  return result;
}

BayesClassifier::BayesClassifier(Tensor likelihoods, std::vector<double> priors)
    : likelihoods_(checked_likelihoods(likelihoods, priors).clone()), priors_(std::move(priors)) {}

void BayesClassifier::set_priors(std::vector<double> priors) {
  check_priors(priors, likelihoods_.shape()[1], "BayesClassifier");
  priors_ = std::move(priors);
}

Tensor BayesClassifier::predict_proba(const Tensor& x) const {
  const int64_t observations = likelihoods_.shape()[0], classes = likelihoods_.shape()[1];
  Tensor rows({x.count(), classes}, DType::float64);
  for (int64_t r = 0; r < x.count(); ++r) {
    const double observation = x.at(r);
    if (!(observation >= 0 && observation < static_cast<double>(observations)) ||
        observation != std::floor(observation))
      throw Error(fmt::format("BayesClassifier: row {}: expected an observation from 0 to {}, got {}", r,
                              observations - 1, observation));
    for (int64_t c = 0; c < classes; ++c)
      rows.set(r * classes + c, likelihoods_.at(static_cast<int64_t>(observation) * classes + c));
  }
  return posterior(rows, priors_);
}

}  // namespace folio
