// The likelihoods: Gaussian, multinomial, complement, Bernoulli.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <numbers>

#include "folio/analysis/naive_bayes.h"
#include "folio/base/error.h"

namespace folio {
namespace {

/// The largest variance of a feature over all samples, unweighted.
double largest_variance(const FeatureRows& x) {
  const auto features = static_cast<size_t>(x.features());
  const auto rows = static_cast<double>(x.rows());
  std::vector<double> mean(features), variance(features), row;
  for (int64_t r = 0; r < x.rows(); ++r) {
    x.read(r, row);
    for (size_t f = 0; f < features; ++f) mean[f] += row[f];
  }
  for (double& value : mean) value /= rows;
  for (int64_t r = 0; r < x.rows(); ++r) {
    x.read(r, row);
    for (size_t f = 0; f < features; ++f) variance[f] += (row[f] - mean[f]) * (row[f] - mean[f]);
  }
  return *std::max_element(variance.begin(), variance.end()) / rows;
}

/// Weighted means and variances of each class, (classes, features), and the weights' sums.
struct Moments {
  std::vector<double> weight, mean, variance;
};

Moments moments_of(const FeatureRows& x, const std::vector<size_t>& class_of,
                   const std::vector<double>& weights, size_t classes) {
  const auto features = static_cast<size_t>(x.features());
  Moments result{std::vector<double>(classes), std::vector<double>(classes * features),
                 std::vector<double>(classes * features)};
  std::vector<double> row;
  const auto for_each = [&](auto&& add) {
    for (size_t r = 0; r < class_of.size(); ++r) {
      x.read(static_cast<int64_t>(r), row);
      for (size_t f = 0; f < features; ++f) add(class_of[r] * features + f, weights[r], row[f]);
    }
  };
  const auto divide = [&](std::vector<double>& sums) {
    for (size_t i = 0; i < sums.size(); ++i)
      if (result.weight[i / features] > 0) sums[i] /= result.weight[i / features];
  };
  for (size_t r = 0; r < class_of.size(); ++r) result.weight[class_of[r]] += weights[r];
  for_each([&](size_t at, double weight, double value) { result.mean[at] += weight * value; });
  divide(result.mean);
  for_each([&](size_t at, double weight, double value) {
    result.variance[at] += weight * (value - result.mean[at]) * (value - result.mean[at]);
  });
  divide(result.variance);
  return result;
}

/// Weights below this sum are none, as in scikit-learn.
constexpr double kNoWeight = 1e-8;

double checked_alpha(double alpha, const std::string& kind) {
  if (!std::isfinite(alpha) || alpha < 0)
    throw Error(fmt::format("{}: alpha: expected a number that is not negative, got {}", kind, alpha));
  return alpha;
}

}  // namespace

GaussianNB::GaussianNB(GaussianNBOptions options)
    : NaiveBayes("GaussianNB", options.priors, true), options_(std::move(options)) {
  if (!std::isfinite(options_.var_smoothing) || options_.var_smoothing < 0)
    throw Error(fmt::format("GaussianNB: var_smoothing: expected a number that is not negative, got {}",
                            options_.var_smoothing));
}

Json GaussianNB::options() const { return {{"var_smoothing", options_.var_smoothing}}; }

/// The moments of what came before and of the new samples are put together as Chan, Golub and LeVeque (1979)
/// do. The smoothing is part of the variances: its share in the sum is the mean of the shares, weighted like
/// all else.
void GaussianNB::count(State& state, const Samples& samples) const {
  const double epsilon = options_.var_smoothing * largest_variance(samples.x);
  std::vector<double>&theta = state.tables.at("theta"), &var = state.tables.at("var");
  const size_t classes = state.classes.size(), features = theta.size() / classes;
  // The first samples also give a variance to classes that are not among them.
  if (*std::max_element(state.class_count.begin(), state.class_count.end()) == 0)
    std::fill(var.begin(), var.end(), epsilon);
  const Moments fresh = moments_of(samples.x, samples.classes, samples.weights, classes);
  for (size_t i = 0; i < theta.size(); ++i) {
    const double before = state.class_count[i / features], added = fresh.weight[i / features];
    if (added <= kNoWeight) continue;
    const double total = before + added, step = theta[i] - fresh.mean[i];
    theta[i] = before == 0 ? fresh.mean[i] : (added * fresh.mean[i] + before * theta[i]) / total;
    var[i] = before == 0 ? fresh.variance[i] + epsilon
                         : (before * var[i] + added * (fresh.variance[i] + epsilon) +
                            added * before / total * step * step) /
                               total;
  }
}

void GaussianNB::learn() {
  const auto features = static_cast<size_t>(state().features);
  variance_ = state().tables.at("var");
  log_scale_.assign(state().classes.size(), 0);
  for (size_t i = 0; i < variance_.size(); ++i) {
    variance_[i] = std::max(variance_[i], std::numeric_limits<double>::min());
    log_scale_[i / features] -= 0.5 * std::log(2 * std::numbers::pi * variance_[i]);
  }
}

void GaussianNB::add_log_likelihoods(const FeatureRows& x, int64_t row, double* joint) const {
  const std::vector<double>& theta = state().tables.at("theta");
  std::vector<double> values;
  x.read(row, values);
  for (size_t c = 0; c < log_scale_.size(); ++c) {
    double distance = 0;
    for (size_t f = 0; f < values.size(); ++f) {
      const double step = values[f] - theta[c * values.size() + f];
      distance += step * step / variance_[c * values.size() + f];
    }
    joint[c] += log_scale_[c] - 0.5 * distance;
  }
}

CountingNB::CountingNB(const std::string& kind, double alpha, const std::vector<double>& class_prior,
                       bool fit_prior)
    : NaiveBayes(kind, class_prior, fit_prior) {
  checked_alpha(alpha, kind);
}

void CountingNB::check_values(const FeatureRows& x) const {
  std::vector<FeatureEntry> buffer;
  for (int64_t r = 0; r < x.rows(); ++r)
    for (const FeatureEntry& entry : x.entries(r, buffer))
      if (entry.value < 0)
        throw Error(
            fmt::format("{}: row {}, feature {}: expected a count, got {}; use GaussianNB for measurements",
                        kind(), r, entry.feature, entry.value));
}

void CountingNB::count(State& state, const Samples& samples) const {
  std::vector<double>& counts = state.tables.at("feature_count");
  const auto features = static_cast<size_t>(state.features);
  std::vector<FeatureEntry> buffer;
  for (size_t r = 0; r < samples.classes.size(); ++r)
    for (const FeatureEntry& entry : counted(samples.x, static_cast<int64_t>(r), buffer))
      counts[samples.classes[r] * features + static_cast<size_t>(entry.feature)] +=
          samples.weights[r] * entry.value;
}

void CountingNB::add_log_likelihoods(const FeatureRows& x, int64_t row, double* joint) const {
  const size_t classes = state().classes.size();
  std::vector<FeatureEntry> buffer;
  for (const FeatureEntry& entry : counted(x, row, buffer))
    for (size_t c = 0; c < classes; ++c)
      joint[c] += entry.value * log_probability_[static_cast<size_t>(entry.feature) * classes + c];
}

MultinomialNB::MultinomialNB(MultinomialNBOptions options)
    : CountingNB("MultinomialNB", options.alpha, options.class_prior, options.fit_prior),
      options_(std::move(options)) {}

Json MultinomialNB::options() const { return {{"alpha", options_.alpha}}; }

void MultinomialNB::learn() {
  const std::vector<double>& counts = state().tables.at("feature_count");
  const size_t classes = state().classes.size(), features = counts.size() / classes;
  log_probability_.resize(counts.size());
  for (size_t c = 0; c < classes; ++c) {
    double total = 0;
    for (size_t f = 0; f < features; ++f) total += counts[c * features + f] + options_.alpha;
    for (size_t f = 0; f < features; ++f)  // with neither counts nor alpha: the limit of small alphas
      log_probability_[f * classes + c] =
          total == 0 ? -std::log(static_cast<double>(features))
                     : std::log(counts[c * features + f] + options_.alpha) - std::log(total);
  }
}

ComplementNB::ComplementNB(ComplementNBOptions options)
    : CountingNB("ComplementNB", options.alpha, options.class_prior, options.fit_prior),
      options_(std::move(options)) {
  if (options_.alpha == 0) throw Error("ComplementNB: alpha: expected a number above 0, got 0");
}

Json ComplementNB::options() const { return {{"alpha", options_.alpha}, {"norm", options_.norm}}; }

void ComplementNB::learn() {
  const std::vector<double>& counts = state().tables.at("feature_count");
  const size_t classes = state().classes.size(), features = counts.size() / classes;
  log_probability_.resize(counts.size());
  std::vector<double> others(features), logs(features);
  for (size_t c = 0; c < classes; ++c) {
    double total = 0, sum = 0;
    for (size_t f = 0; f < features; ++f) {
      others[f] = options_.alpha;
      for (size_t k = 0; k < classes; ++k)
        if (k != c) others[f] += counts[k * features + f];
      total += others[f];
    }
    for (size_t f = 0; f < features; ++f) sum += logs[f] = std::log(others[f] / total);
    // A single feature has log 1 = 0 in every class: it says nothing, with norm (0 / 0) as little as without.
    const double scale = options_.norm && sum != 0 ? 1 / sum : -1;
    for (size_t f = 0; f < features; ++f) log_probability_[f * classes + c] = logs[f] * scale;
  }
}

BernoulliNB::BernoulliNB(BernoulliNBOptions options)
    : CountingNB("BernoulliNB", options.alpha, options.class_prior, options.fit_prior),
      options_(std::move(options)) {
  if (options_.binarize && !(std::isfinite(*options_.binarize) && *options_.binarize >= 0))
    throw Error(fmt::format("BernoulliNB: binarize: expected a number that is not negative, got {}",
                            *options_.binarize));
}

Json BernoulliNB::options() const {
  return {{"alpha", options_.alpha},
          {"binarize", options_.binarize ? Json(*options_.binarize) : Json(nullptr)}};
}

void BernoulliNB::check_values(const FeatureRows& x) const {
  std::vector<FeatureEntry> buffer;
  for (int64_t r = 0; r < x.rows() && !options_.binarize; ++r)
    for (const FeatureEntry& entry : x.entries(r, buffer))
      if (entry.value != 1)
        throw Error(
            fmt::format("BernoulliNB: row {}, feature {}: expected 0 or 1, got {}; give binarize a threshold",
                        r, entry.feature, entry.value));
}

const std::vector<FeatureEntry>& BernoulliNB::counted(const FeatureRows& x, int64_t row,
                                                      std::vector<FeatureEntry>& buffer) const {
  if (!options_.binarize) return x.entries(row, buffer);
  std::vector<FeatureEntry> all;
  buffer.clear();
  for (const FeatureEntry& entry : x.entries(row, all))
    if (entry.value > *options_.binarize) buffer.push_back({entry.feature, 1});
  return buffer;
}

/// log(1 - p) comes from counts of absence, not from p, which may be so near 1 that nothing is left.
void BernoulliNB::learn() {
  const std::vector<double>& counts = state().tables.at("feature_count");
  const size_t classes = state().classes.size(), features = counts.size() / classes;
  log_probability_.resize(counts.size());
  log_absence_.resize(counts.size());
  none_present_.assign(classes, 0);
  always_there_.assign(classes, 0);
  for (size_t i = 0; i < counts.size(); ++i) {
    const size_t c = i / features, at = i % features * classes + c;
    const double samples = state().class_count[c], total = samples + 2 * options_.alpha;
    const double present = total == 0 ? 0.5 : (counts[i] + options_.alpha) / total;
    const double absent = total == 0 ? 0.5 : (std::max(samples - counts[i], 0.0) + options_.alpha) / total;
    log_probability_[at] = std::log(present);
    log_absence_[at] = std::log(absent);
    if (absent == 0)
      ++always_there_[c];
    else
      none_present_[c] += log_absence_[at];
  }
}

void BernoulliNB::add_log_likelihoods(const FeatureRows& x, int64_t row, double* joint) const {
  const size_t classes = state().classes.size();
  std::vector<FeatureEntry> buffer;
  std::vector<int64_t> missed = always_there_;  // features a class is never without and this sample is
  for (size_t c = 0; c < classes; ++c) joint[c] += none_present_[c];
  for (const FeatureEntry& entry : counted(x, row, buffer))
    for (size_t c = 0; c < classes; ++c) {
      const size_t at = static_cast<size_t>(entry.feature) * classes + c;
      const bool always = std::isinf(log_absence_[at]);
      joint[c] += log_probability_[at] - (always ? 0 : log_absence_[at]);
      missed[c] -= always;
    }
  for (size_t c = 0; c < classes; ++c)
    if (missed[c] > 0) joint[c] = -INFINITY;
}

}  // namespace folio
