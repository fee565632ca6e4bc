// The harmonic mean of precision and recall. (sheet A2, A4)
#include "folio/base/error.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "folio/training/metric_rows.h"
#include "folio/training/metrics.h"

namespace folio {
namespace {

using namespace metrics;

constexpr double kEpsilon = 1e-7;  // Keras' backend epsilon

class FScore final : public MetricBody {
 public:
  explicit FScore(const char* class_name, double beta = 1, FScoreOptions options = {})
      : class_name_(class_name), beta_(beta), options_(std::move(options)) {}
  std::string class_name() const override { return class_name_; }
  std::optional<bool> larger_is_better() const override { return true; }
  void fields(Fields& f) override {
    f("average", options_.average, {.words = "micro macro weighted", .empty_as_null = true});
    f("threshold", options_.threshold, {.most = 1, .above = 0});
    if (class_name() == "FBetaScore") f("beta", beta_, {.above = 0});
  }

  /// Per class: true positives, false positives, false negatives, all of the class.
  Values sums(const MetricInputs& batch) const override {
    const Value& p = batch.y_pred;
    const Value y = targets_like(batch.y_true, p);
    if (p.rank() != 2)
      throw Error("expected predictions of shape (batch, classes), got " + to_string(p.shape()));
    // Of a row of zeros none is the largest.
    const Value called =
        options_.threshold ? p > *options_.threshold : (p >= max(p, {-1}, true)) * (abs(p) > 1e-9);
    const Value weights = stretched_weights(batch.weights, p.shape(), p.dtype());
    const auto total = [&](const Value& x) { return sum(x * weights, {0}); };
    return {total(called * y), total(called * (1.0 - y)), total((1.0 - called) * y), total(y)};
  }

  std::vector<double> result(const std::vector<double>& sums) const override {
    const size_t classes = sums.size() / 4;
    std::vector<double> scores;
    double mean = 0, all = 0, tp = 0, fp = 0, fn = 0;
    for (size_t c = 0; c < classes; ++c) all += sums[3 * classes + c];
    for (size_t c = 0; c < classes; ++c) {
      scores.push_back(score(sums[c], sums[classes + c], sums[2 * classes + c]));
      mean += scores[c] * (options_.average == "weighted" ? sums[3 * classes + c] / (all + kEpsilon)
                                                          : 1.0 / static_cast<double>(classes));
      tp += sums[c], fp += sums[classes + c], fn += sums[2 * classes + c];
    }
    if (options_.average.empty()) return scores;
    return {options_.average == "micro" ? score(tp, fp, fn) : mean};
  }

 private:
  double score(double tp, double fp, double fn) const {
    const double precision = tp / (tp + fp + kEpsilon), recall = tp / (tp + fn + kEpsilon), b = beta_ * beta_;
    return precision * recall / (b * precision + recall + kEpsilon) * (1 + b);
  }

  const char* class_name_;
  double beta_;
  FScoreOptions options_;
};

}  // namespace

std::vector<MetricRow> f_score_metric_rows() {
  return {{"F1Score",
           "f1_score",
           {},
           "2 · precision · recall / (precision + recall)",
           [] { return std::make_shared<FScore>("F1Score"); }},
          {"FBetaScore", "fbeta_score", {"f_beta_score"}, "F1 with recall counting beta times as much", [] {
             return std::make_shared<FScore>("FBetaScore");
           }}};
}

namespace metrics {

Metric F1Score(FScoreOptions options) {
  return Metric(std::make_shared<FScore>("F1Score", 1, options), options.name);
}
Metric FBetaScore(double beta, FScoreOptions options) {
  return Metric(std::make_shared<FScore>("FBetaScore", beta, options), options.name);
}

}  // namespace metrics
}  // namespace folio
