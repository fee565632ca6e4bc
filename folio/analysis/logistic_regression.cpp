#include "folio/analysis/logistic_regression.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <deque>

#include "folio/base/error.h"

namespace folio {
namespace {

using Numbers = std::vector<double>;

double dot(const Numbers& a, const Numbers& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

// The logarithm of the sum of the exponentials; turns scores into probabilities.
double to_probabilities(double* scores, size_t classes) {
  const double most = *std::max_element(scores, scores + classes);
  double sum = 0;
  for (size_t c = 0; c < classes; ++c) sum += scores[c] = std::exp(scores[c] - most);
  for (size_t c = 0; c < classes; ++c) scores[c] /= sum;
  return most + std::log(sum);
}

void scores_of(const std::vector<FeatureEntry>& row, const Numbers& weights, size_t features,
               Numbers& scores) {
  const size_t classes = scores.size();
  for (size_t c = 0; c < classes; ++c) scores[c] = weights[features * classes + c];
  for (const FeatureEntry& entry : row) {
    const double* w = weights.data() + static_cast<size_t>(entry.feature) * classes;
    for (size_t c = 0; c < classes; ++c) scores[c] += entry.value * w[c];
  }
}

// What is to be as small as possible, and its gradient.
class Objective {
 public:
  Objective(const SparseRows& x, const Tensor& y, size_t classes, double C)
      : x_(x), y_(y), classes_(classes), features_(static_cast<size_t>(x.features)), C_(C) {}
  double operator()(const Numbers& weights, Numbers& gradient) const {
    const size_t penalised = features_ * classes_;
    double value = 0;
    for (size_t i = 0; i < weights.size(); ++i) {
      gradient[i] = i < penalised ? weights[i] : 0;
      value += gradient[i] * weights[i] / 2;
    }
    Numbers scores(classes_);
    for (size_t r = 0; r < x_.rows.size(); ++r) {
      const auto truth = static_cast<size_t>(y_.at(static_cast<int64_t>(r)));
      scores_of(x_.rows[r], weights, features_, scores);
      const double own = scores[truth];
      value += C_ * (to_probabilities(scores.data(), classes_) - own);
      scores[truth] -= 1;
      for (size_t c = 0; c < classes_; ++c) gradient[penalised + c] += C_ * scores[c];
      for (const FeatureEntry& entry : x_.rows[r]) {
        double* to = gradient.data() + static_cast<size_t>(entry.feature) * classes_;
        for (size_t c = 0; c < classes_; ++c) to[c] += C_ * entry.value * scores[c];
      }
    }
    return value;
  }

 private:
  const SparseRows& x_;
  const Tensor& y_;
  size_t classes_, features_;
  double C_;
};

// The last steps and changes of the gradient, from which L-BFGS takes the curvature.
class Curvature {
 public:
  void add(Numbers step, Numbers change) {
    const double product = dot(step, change);
    if (!(product > 0)) return;
    pairs_.push_back({std::move(step), std::move(change), 1 / product});
    if (pairs_.size() > 8) pairs_.pop_front();
  }
  Numbers direction(const Numbers& gradient) const {
    Numbers d = gradient;
    Numbers alphas(pairs_.size());
    for (size_t k = pairs_.size(); k-- > 0;) {
      alphas[k] = pairs_[k].inverse * dot(pairs_[k].step, d);
      for (size_t i = 0; i < d.size(); ++i) d[i] -= alphas[k] * pairs_[k].change[i];
    }
    if (!pairs_.empty()) {
      const Pair& last = pairs_.back();
      const double scale = 1 / (last.inverse * dot(last.change, last.change));
      for (double& value : d) value *= scale;
    }
    for (size_t k = 0; k < pairs_.size(); ++k) {
      const double beta = pairs_[k].inverse * dot(pairs_[k].change, d);
      for (size_t i = 0; i < d.size(); ++i) d[i] += (alphas[k] - beta) * pairs_[k].step[i];
    }
    for (double& value : d) value = -value;
    return d;
  }

 private:
  struct Pair {
    Numbers step, change;
    double inverse;
  };
  std::deque<Pair> pairs_;
};

}  // namespace

void LogisticRegression::fit(const SparseRows& x, const Tensor& y, int64_t classes) {
  if (!(options_.C > 0))
    throw Error(fmt::format("LogisticRegression: C: expected above 0, got {}", options_.C));
  FeatureRows(x).check_finite("LogisticRegression");
  if (y.count() != static_cast<int64_t>(x.rows.size()) || x.rows.empty() || classes < 2)
    throw Error(
        fmt::format("LogisticRegression: expected rows, as many class numbers and at least 2 classes, got {} "
                    "rows, {} numbers and {} classes",
                    x.rows.size(), y.count(), classes));
  for (int64_t i = 0; i < y.count(); ++i)
    if (!(y.at(i) >= 0 && y.at(i) < static_cast<double>(classes) && y.at(i) == std::floor(y.at(i))))
      throw Error(fmt::format("LogisticRegression: expected class numbers from 0 to {}, got {} in row {}",
                              classes - 1, y.at(i), i));
  features_ = x.features;
  classes_ = classes;
  const Objective objective(x, y, static_cast<size_t>(classes), options_.C);
  Numbers weights(static_cast<size_t>((features_ + 1) * classes_)), gradient(weights.size());
  double value = objective(weights, gradient);
  Curvature curvature;
  for (int iteration = 0; iteration < options_.iterations; ++iteration) {
    double steepest = 0;
    for (const double g : gradient) steepest = std::max(steepest, std::abs(g));
    if (steepest <= options_.tolerance * options_.C) break;
    const Numbers direction = curvature.direction(gradient);
    const double slope = dot(direction, gradient);
    double length = iteration == 0 ? 1 / std::sqrt(dot(gradient, gradient)) : 1;
    Numbers next(weights.size()), next_gradient(weights.size());
    double next_value = value;
    bool lower = false;
    for (int halving = 0; halving < 30 && !lower; ++halving, length /= 2) {
      for (size_t i = 0; i < next.size(); ++i) next[i] = weights[i] + length * direction[i];
      next_value = objective(next, next_gradient);
      lower = next_value <= value + 1e-4 * length * slope;
    }
    if (!lower) break;  // as exact as numbers are
    Numbers step(next.size()), change(next.size());
    for (size_t i = 0; i < next.size(); ++i) {
      step[i] = next[i] - weights[i];
      change[i] = next_gradient[i] - gradient[i];
    }
    curvature.add(std::move(step), std::move(change));
    weights = std::move(next);
    gradient = std::move(next_gradient);
    value = next_value;
  }
  weights_ = std::move(weights);
}

Tensor LogisticRegression::predict_proba(const SparseRows& x) const {
  if (weights_.empty()) throw Error("LogisticRegression: expected to be fitted first");
  if (x.features != features_)
    throw Error(fmt::format("LogisticRegression: expected {} features, got {}", features_, x.features));
  Tensor shares({static_cast<int64_t>(x.rows.size()), classes_}, DType::float64);
  Numbers scores(static_cast<size_t>(classes_));
  for (size_t r = 0; r < x.rows.size(); ++r) {
    scores_of(x.rows[r], weights_, static_cast<size_t>(features_), scores);
    to_probabilities(scores.data(), scores.size());
    std::copy(scores.begin(), scores.end(), shares.data<double>() + static_cast<int64_t>(r) * classes_);
  }
  return shares;
}

double LogisticRegression::score(const SparseRows& x, const Tensor& y) const {
  const Tensor shares = predict_proba(x);
  int64_t hits = 0;
  for (int64_t r = 0; r < shares.shape()[0]; ++r) {
    const double* row = shares.data<double>() + r * classes_;
    hits += static_cast<double>(std::max_element(row, row + classes_) - row) == y.at(r);
  }
  return static_cast<double>(hits) / static_cast<double>(std::max<int64_t>(shares.shape()[0], 1));
}

}  // namespace folio
