#include "folio/analysis/naive_bayes.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "folio/analysis/bayes.h"
#include "folio/base/checked.h"
#include "folio/base/error.h"

namespace folio {
namespace {

void check_rows(const Tensor& tensor, int64_t rows, const std::string& place) {
  if (tensor.shape().rank() == 0 || tensor.shape()[0] != rows || tensor.count() != rows)
    throw Error(fmt::format("{}: expected shape ({},), one for each sample, got {}", place, rows,
                            to_string(tensor.shape())));
}

/// The class of each row, as whole numbers.
std::vector<int64_t> labels_of(const Tensor& y, int64_t rows, const std::string& place) {
  check_rows(y, rows, place);
  std::vector<int64_t> labels;
  for (int64_t r = 0; r < rows; ++r) {
    const double label = y.at(r);
    if (!(std::abs(label) < 0x1p53) || label != std::floor(label))
      throw Error(fmt::format("{}: row {}: expected a class, a whole number, got {}", place, r, label));
    labels.push_back(static_cast<int64_t>(label));
  }
  return labels;
}

std::vector<double> weights_of(const Tensor& sample_weight, int64_t rows, const std::string& place) {
  std::vector<double> weights(static_cast<size_t>(rows), 1);
  if (sample_weight.empty()) return weights;
  check_rows(sample_weight, rows, place);
  for (int64_t r = 0; r < rows; ++r) {
    const double weight = sample_weight.at(r);
    if (!std::isfinite(weight) || weight < 0)
      throw Error(
          fmt::format("{}: row {}: expected a weight that is not negative, got {}", place, r, weight));
    weights[static_cast<size_t>(r)] = weight;
  }
  return weights;
}

std::vector<int64_t> sorted_once(std::vector<int64_t> labels) {
  std::sort(labels.begin(), labels.end());
  labels.erase(std::unique(labels.begin(), labels.end()), labels.end());
  return labels;
}

}  // namespace

NaiveBayes::NaiveBayes(const std::string& kind, std::vector<double> priors, bool fit_prior)
    : given_priors_(std::move(priors)), fit_prior_(fit_prior) {
  if (!given_priors_.empty()) check_priors(given_priors_, 0, kind);
}

void NaiveBayes::fit(const FeatureRows& x, const Tensor& y, const Tensor& sample_weight) {
  if (x.rows() == 0) throw Error(kind() + ": expected samples to learn from, got none");
  add(fresh_state(sorted_once(labels_of(y, x.rows(), kind() + ": y")), x.features()), x, y, sample_weight);
}

void NaiveBayes::partial_fit(const FeatureRows& x, const Tensor& y, const std::vector<int64_t>& classes,
                             const Tensor& sample_weight) {
  if (x.rows() == 0) throw Error(kind() + ": expected samples to learn from, got none");
  if (!fitted() && classes.empty())
    throw Error(kind() + ": expected the list of all classes in the first partial_fit, got none");
  if (fitted() && !classes.empty() && sorted_once(classes) != state_.classes)
    throw Error(kind() +
                ": expected the classes of the first partial_fit, got others; use fit to start anew");
  add(fitted() ? state_ : fresh_state(sorted_once(classes), x.features()), x, y, sample_weight);
}

NaiveBayes::State NaiveBayes::fresh_state(std::vector<int64_t> classes, int64_t features) const {
  if (features == 0) throw Error(kind() + ": expected samples of at least one feature, got none");
  if (!given_priors_.empty()) check_priors(given_priors_, static_cast<int64_t>(classes.size()), kind());
  State state;
  state.features = features;
  state.class_count.resize(classes.size());
  const auto size = static_cast<size_t>(checked_multiply(static_cast<int64_t>(classes.size()), features));
  state.classes = std::move(classes);
  for (const std::string& name : table_names()) state.tables[name].resize(size);
  return state;
}

/// `state` is a copy, so that a mistake found half way changes nothing.
void NaiveBayes::add(State state, const FeatureRows& x, const Tensor& y, const Tensor& sample_weight) {
  if (x.features() != state.features)
    throw Error(fmt::format("{}: expected {} features as in what was learned so far, got {}", kind(),
                            state.features, x.features()));
  x.check_finite(kind());
  check_values(x);
  Samples samples{x, {}, weights_of(sample_weight, x.rows(), kind() + ": sample_weight")};
  for (int64_t label : labels_of(y, x.rows(), kind() + ": y")) {
    const auto found = std::lower_bound(state.classes.begin(), state.classes.end(), label);
    if (found == state.classes.end() || *found != label)
      throw Error(fmt::format("{}: y: class {} is not one of the {} classes named at first", kind(), label,
                              state.classes.size()));
    samples.classes.push_back(static_cast<size_t>(found - state.classes.begin()));
  }
  count(state, samples);
  for (size_t r = 0; r < samples.classes.size(); ++r)
    state.class_count[samples.classes[r]] += samples.weights[r];
  accept(std::move(state));
}

void NaiveBayes::accept(State state) {
  double total = 0;
  for (double count : state.class_count) total += count;
  if (!std::isfinite(total))
    throw Error(kind() + ": expected sample weights with a finite sum; make them smaller");
  if (total <= 0 && given_priors_.empty() && fit_prior_)
    throw Error(kind() +
                ": expected a sample with a weight above 0, got none; there are no priors to be learned");
  for (const auto& [name, table] : state.tables)
    for (double value : table)
      if (!std::isfinite(value))
        throw Error(fmt::format("{}: {} is too large for a double; scale the features", kind(), name));
  state_ = std::move(state);
  learn();
}

void NaiveBayes::set_priors(const std::vector<double>& priors) {
  if (!priors.empty()) check_priors(priors, fitted() ? static_cast<int64_t>(classes().size()) : 0, kind());
  if (priors.empty() && fitted() && fit_prior_ &&
      *std::max_element(class_count().begin(), class_count().end()) <= 0)
    throw Error(kind() + ": no sample had a weight above 0; there are no priors to be learned");
  given_priors_ = priors;
}

std::vector<double> NaiveBayes::priors() const {
  if (!given_priors_.empty()) return given_priors_;
  if (!fit_prior_) return std::vector<double>(classes().size(), 1.0 / static_cast<double>(classes().size()));
  double total = 0;
  for (double count : class_count()) total += count;
  std::vector<double> result;
  for (double count : class_count()) result.push_back(count / total);
  return result;
}

Tensor NaiveBayes::table(const std::string& name) const {
  if (!fitted()) throw Error(kind() + ": has learned nothing yet; call fit first");
  return Tensor::of({static_cast<int64_t>(classes().size()), state_.features}, state_.tables.at(name));
}

std::vector<double> NaiveBayes::log_priors() const {
  std::vector<double> result;
  for (double prior : priors()) result.push_back(std::log(prior));
  return result;
}

void NaiveBayes::need_fitted(const FeatureRows& x) const {
  if (!fitted()) throw Error(kind() + ": has learned nothing yet; call fit first");
  if (x.features() != state_.features)
    throw Error(
        fmt::format("{}: expected {} features as in fit, got {}", kind(), state_.features, x.features()));
  x.check_finite(kind());
  check_values(x);
}

Tensor NaiveBayes::joint_log_likelihood(const FeatureRows& x) const {
  need_fitted(x);
  const auto classes = static_cast<int64_t>(state_.classes.size());
  const std::vector<double> start =
      uses_priors() ? log_priors() : std::vector<double>(state_.classes.size(), 0.0);
  Tensor joint({x.rows(), classes}, DType::float64);
  for (int64_t r = 0; r < x.rows(); ++r) {
    double* row = joint.data<double>() + r * classes;
    std::copy(start.begin(), start.end(), row);
    add_log_likelihoods(x, r, row);
  }
  return joint;
}

Tensor NaiveBayes::predict_log_proba(const FeatureRows& x) const {
  Tensor result = joint_log_likelihood(x);
  normalize_log_rows(result, log_priors());
  return result;
}

Tensor NaiveBayes::predict_proba(const FeatureRows& x) const {
  Tensor result = predict_log_proba(x);
  for (double& value : std::span(result.data<double>(), static_cast<size_t>(result.count())))
    value = std::exp(value);
  return result;
}

Tensor NaiveBayes::predict(const FeatureRows& x) const {
  const Tensor columns = largest_columns(predict_log_proba(x));
  Tensor result(columns.shape(), DType::int64);
  for (int64_t r = 0; r < x.rows(); ++r)
    result.data<int64_t>()[r] = state_.classes[static_cast<size_t>(columns.data<int64_t>()[r])];
  return result;
}

double NaiveBayes::score(const FeatureRows& x, const Tensor& y) const {
  const std::vector<int64_t> labels = labels_of(y, x.rows(), kind() + ": y");
  if (labels.empty()) throw Error(kind() + ": expected samples to score, got none");
  const Tensor predicted = predict(x);
  int64_t right = 0;
  for (int64_t r = 0; r < x.rows(); ++r)
    right += predicted.data<int64_t>()[r] == labels[static_cast<size_t>(r)];
  return static_cast<double>(right) / static_cast<double>(x.rows());
}

}  // namespace folio
