// How far numbers are off, and how well they go together.
#include <cmath>

#include "folio/base/error.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "folio/training/metric_rows.h"
#include "folio/training/metrics.h"

namespace folio {
namespace {

constexpr double kEpsilon = 1e-7;  // Keras' backend epsilon

// A vector of length 1, or of almost 0 where there is no direction.
Value normalized(const Value& x, int axis) {
  return x * minimum(rsqrt(sum(square(x), {axis}, true)), 1 / kEpsilon);
}

Value cosine(const Value& y_true, const Value& y_pred, int axis) {
  const Value y = targets_like(y_true, y_pred);
  return sum(normalized(y, axis) * normalized(y_pred, axis), {axis});
}

Value deviation(const Value& x, int axis) { return x - mean(x, {axis}, true); }

// 0 where either does not vary.
Value pearson(const Value& y_true, const Value& y_pred, int axis) {
  const Value y = deviation(targets_like(y_true, y_pred), axis), p = deviation(y_pred, axis);
  const Value spread = sqrt(mean(square(y), {axis})) * sqrt(mean(square(p), {axis}));
  const Value varies = spread > 0.0;
  return select(varies, mean(y * p, {axis}) / select(varies, spread, constant(1, y.dtype())),
                constant(0, y.dtype()));
}

Value concordance(const Value& y_true, const Value& y_pred, int axis) {
  const Value y = targets_like(y_true, y_pred);
  const Value dy = deviation(y, axis), dp = deviation(y_pred, axis);
  const Value apart = mean(y, {axis}, true) - mean(y_pred, {axis}, true);
  const Value norm = mean(square(dy), {axis}, true) + mean(square(dp), {axis}, true) + square(apart);
  return mean((dy + apart) * dp * 2.0 / (norm + kEpsilon), {axis});
}

using Along = Value (*)(const Value&, const Value&, int);

class AlongAxis final : public MeanMetric {
 public:
  AlongAxis(const char* class_name, Along formula, int64_t axis = -1)
      : MeanMetric(class_name), formula_(formula), axis_(axis) {}
  void fields(Fields& f) override {
    f("axis", axis_, {.hidden = formula_ == cosine && axis_ == -1});  // which Keras does not write
  }

 private:
  Value values(const Value& y, const Value& p) const override {
    if (axis_ < -p.rank() || axis_ >= p.rank() || axis_ == 0 || axis_ == -p.rank())
      throw Error("axis: expected a dimension of " + to_string(p.shape()) + " after the first, got " +
                  std::to_string(axis_));
    return formula_(y, p, static_cast<int>(axis_));
  }
  Along formula_;
  int64_t axis_;
};

std::shared_ptr<MetricBody> root_mean_squared_error() {
  return mean_metric(
      "RootMeanSquaredError", [](const Value& y, const Value& p) { return square(p - targets_like(y, p)); },
      true);
}

class R2 final : public MetricBody {
 public:
  explicit R2(std::string aggregation = "uniform_average", int64_t num_regressors = 0)
      : aggregation_(std::move(aggregation)), num_regressors_(num_regressors) {}
  std::string class_name() const override { return "R2Score"; }
  std::optional<bool> larger_is_better() const override { return true; }
  void fields(Fields& f) override {
    // None is a choice of its own, not the default.
    f("class_aggregation", aggregation_,
      {.words = "uniform_average variance_weighted_average", .empty_as_null = true, .null = true});
    f("num_regressors", num_regressors_, {.least = 0});
  }

  /// Per output Σ w y, Σ w y², Σ w (y - ŷ)², Σ w; and the number of targets. In double, because the variance
  /// is a small difference of large sums.
  Values sums(const MetricInputs& batch) const override {
    const Value p = cast(batch.y_pred, DType::float64);
    if (p.rank() != 2)
      throw Error("expected predictions of shape (batch, outputs), got " + to_string(p.shape()));
    const Value y = targets_like(batch.y_true, p);
    const Value weights = stretched_weights(batch.weights, p.shape(), DType::float64);
    return {sum(weights * y, {0}), sum(weights * square(y), {0}), sum(weights * square(y - p), {0}),
            sum(weights, {0}), constant(static_cast<double>(p.shape().count()), DType::float64)};
  }

  std::vector<double> result(const std::vector<double>& sums) const override {
    const size_t outputs = (sums.size() - 1) / 4;
    std::vector<double> scores;
    double mean = 0, weighted = 0, variances = 0;
    for (size_t i = 0; i < outputs; ++i) {
      const double sum = sums[i], squares = sums[outputs + i], errors = sums[2 * outputs + i],
                   count = sums[3 * outputs + i];
      double variance = count > 0 ? squares - sum * (sum / count) : 0;
      // What rounding leaves of targets that are all the same.
      if (variance <= 1e-13 * squares) variance = 0;
      scores.push_back(variance > 0 ? 1 - errors / variance : errors > 0 ? 0 : 1);
      mean += scores[i] / static_cast<double>(outputs);
      weighted += variance * scores[i], variances += variance;
    }
    if (aggregation_ == "uniform_average") scores = {mean};
    if (aggregation_ == "variance_weighted_average") scores = {variances > 0 ? weighted / variances : mean};
    const double freedom = sums.back() - static_cast<double>(num_regressors_) - 1;
    if (num_regressors_ > 0 && freedom > 0)
      for (double& score : scores) score = 1 - (1 - score) * (sums.back() - 1) / freedom;
    return scores;
  }

 private:
  std::string aggregation_;
  int64_t num_regressors_;
};

MetricRow row_along_axis(const char* class_name, const char* name, const char* what, Along formula) {
  return {class_name, name, {}, what, [=] { return std::make_shared<AlongAxis>(class_name, formula); }};
}

}  // namespace

std::vector<MetricRow> regression_metric_rows() {
  return {
      {"RootMeanSquaredError",
       "root_mean_squared_error",
       {},
       "the root of the mean of (y - ŷ)²",
       root_mean_squared_error},
      row_along_axis("CosineSimilarity", "cosine_similarity", "y · ŷ / (|y| |ŷ|)", cosine),
      {"R2Score", "r2_score", {}, "1 - Σ (y - ŷ)² / Σ (y - mean y)²", [] { return std::make_shared<R2>(); }},
      row_along_axis("PearsonCorrelation", "pearson_correlation",
                     "covariance / (σ of y · σ of ŷ), per sample", pearson),
      row_along_axis("ConcordanceCorrelation", "concordance_correlation",
                     "2 · covariance / (σ² of y + σ² of ŷ + squared difference of means), per sample",
                     concordance),
  };
}

namespace metrics {

Metric RootMeanSquaredError(const std::string& name) { return Metric(root_mean_squared_error(), name); }
Metric CosineSimilarity(int64_t axis, const std::string& name) {
  return Metric(std::make_shared<AlongAxis>("CosineSimilarity", cosine, axis), name);
}
Metric R2Score(const std::string& class_aggregation, int64_t num_regressors, const std::string& name) {
  return Metric(std::make_shared<R2>(class_aggregation, num_regressors), name);
}
Metric PearsonCorrelation(int64_t axis, const std::string& name) {
  return Metric(std::make_shared<AlongAxis>("PearsonCorrelation", pearson, axis), name);
}
Metric ConcordanceCorrelation(int64_t axis, const std::string& name) {
  return Metric(std::make_shared<AlongAxis>("ConcordanceCorrelation", concordance, axis), name);
}

}  // namespace metrics
}  // namespace folio
