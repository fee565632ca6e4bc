// How often the answer is right. (sheet A1)
#include <limits>

#include "folio/base/error.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "folio/ops/slice.h"
#include "folio/training/metric_rows.h"
#include "folio/training/metrics.h"

namespace folio {
namespace {

// Class numbers (batch, …) for predictions (batch, …, classes).
Value labels_for(const Value& y_true, const Value& y_pred) {
  const Shape shape = y_pred.shape().without(-1);
  const Value labels =
      y_true.rank() == y_pred.rank() && y_true.shape()[-1] == 1 ? reshape(y_true, shape) : y_true;
  if (labels.shape() != shape)
    throw Error("expected class numbers of shape " + to_string(shape) + ", got " + to_string(y_true.shape()));
  return labels;
}

Value binary_hits(const Value& y_true, const Value& y_pred, double threshold) {
  return equal(targets_like(y_true, y_pred), y_pred > threshold);
}
Value categorical_hits(const Value& y_true, const Value& y_pred) {
  return cast(equal(argmax(targets_like(y_true, y_pred)), argmax(y_pred)), y_pred.dtype());
}
Value sparse_hits(const Value& y_true, const Value& y_pred) {
  const Value labels = labels_for(y_true, y_pred);
  // In the wider type, so that 1.5 is no class.
  if (is_floating(labels.dtype()))
    return cast(equal(labels, cast(argmax(y_pred), labels.dtype())), y_pred.dtype());
  return cast(equal(cast(labels, DType::int32), argmax(y_pred)), y_pred.dtype());
}

// 1 where fewer than k scores are above that of the class.
Value hits_of_top(const Value& labels, const Value& y_pred, int64_t k) {
  const DType type = y_pred.dtype();
  const Value of_class =
      sum(select(one_hot(labels, y_pred.shape()[-1], type), y_pred, constant(0, type)), {-1}, true);
  // What is not a number is no large one.
  const Value score =
      select(equal(of_class, of_class), of_class, constant(-std::numeric_limits<double>::infinity(), type));
  return sum(y_pred > score, {-1}) < static_cast<double>(k);
}

Value hits_of_sorted(const Value& labels, const Value& y_pred, int64_t k) {
  const Value best = slice(y_pred, -1, 0, std::min(k, y_pred.shape()[-1]));
  return max(equal(reshape(cast(labels, y_pred.dtype()), labels.shape().joined({1})), best), {-1});
}

class BinaryAccuracyBody final : public MeanMetric {
 public:
  explicit BinaryAccuracyBody(double threshold = 0.5) : MeanMetric("BinaryAccuracy"), threshold_(threshold) {}
  void fields(Fields& f) override { f("threshold", threshold_, {.least = 0, .most = 1}); }

 private:
  Value values(const Value& y, const Value& p) const override { return binary_hits(y, p, threshold_); }
  double threshold_;
};

class TopKBody final : public MeanMetric {
 public:
  explicit TopKBody(int64_t k = 5) : MeanMetric("TopKCategoricalAccuracy"), k_(k) {}
  void fields(Fields& f) override { f("k", k_, {.least = 1}); }

 private:
  Value values(const Value& y, const Value& p) const override {
    return hits_of_top(argmax(targets_like(y, p)), p, k_);
  }
  int64_t k_;
};

class SparseTopKBody final : public MeanMetric {
 public:
  explicit SparseTopKBody(int64_t k = 5, bool from_sorted_ids = false)
      : MeanMetric("SparseTopKCategoricalAccuracy"), k_(k), from_sorted_ids_(from_sorted_ids) {}
  void fields(Fields& f) override {
    f("k", k_, {.least = 1});
    f("from_sorted_ids", from_sorted_ids_, {.sparing = true});
  }

 private:
  Value values(const Value& y, const Value& p) const override {
    const Value labels = labels_for(y, p);
    return from_sorted_ids_ ? hits_of_sorted(labels, p, k_) : hits_of_top(labels, p, k_);
  }
  int64_t k_;
  bool from_sorted_ids_;
};

std::shared_ptr<MetricBody> equality() {
  return mean_metric("Accuracy", [](const Value& y, const Value& p) { return equal(targets_like(y, p), p); });
}
std::shared_ptr<MetricBody> categorical_accuracy() {
  return mean_metric("CategoricalAccuracy", categorical_hits);
}
std::shared_ptr<MetricBody> sparse_categorical_accuracy() {
  return mean_metric("SparseCategoricalAccuracy", sparse_hits);
}

}  // namespace

std::shared_ptr<MetricBody> accuracy_of_shapes() {
  return mean_metric("Accuracy", [](const Value& y, const Value& p) {
    if (p.shape()[-1] == 1) return binary_hits(y, p, 0.5);
    return y.rank() < p.rank() || y.shape()[-1] == 1 ? sparse_hits(y, p) : categorical_hits(y, p);
  });
}

std::vector<MetricRow> accuracy_metric_rows() {
  return {{"Accuracy", "accuracy", {}, "the share of predictions equal to the targets", equality},
          {"BinaryAccuracy",
           "binary_accuracy",
           {},
           "the share of 0 and 1 that scores above a threshold tell",
           [] { return std::make_shared<BinaryAccuracyBody>(); }},
          {"CategoricalAccuracy",
           "categorical_accuracy",
           {},
           "the share of right classes, targets are vectors",
           categorical_accuracy},
          {"SparseCategoricalAccuracy",
           "sparse_categorical_accuracy",
           {},
           "the share of right classes, targets are numbers",
           sparse_categorical_accuracy},
          {"TopKCategoricalAccuracy",
           "top_k_categorical_accuracy",
           {},
           "the share of classes among the k best, targets are vectors",
           [] { return std::make_shared<TopKBody>(); }},
          {"SparseTopKCategoricalAccuracy",
           "sparse_top_k_categorical_accuracy",
           {},
           "the share of classes among the k best, targets are numbers",
           [] { return std::make_shared<SparseTopKBody>(); }}};
}

namespace metrics {

Metric Accuracy(const std::string& name) { return Metric(equality(), name); }
Metric BinaryAccuracy(double threshold, const std::string& name) {
  return Metric(std::make_shared<BinaryAccuracyBody>(threshold), name);
}
Metric CategoricalAccuracy(const std::string& name) { return Metric(categorical_accuracy(), name); }
Metric SparseCategoricalAccuracy(const std::string& name) {
  return Metric(sparse_categorical_accuracy(), name);
}
Metric TopKCategoricalAccuracy(int64_t k, const std::string& name) {
  return Metric(std::make_shared<TopKBody>(k), name);
}
Metric SparseTopKCategoricalAccuracy(int64_t k, bool from_sorted_ids, const std::string& name) {
  return Metric(std::make_shared<SparseTopKBody>(k, from_sorted_ids), name);
}

}  // namespace metrics
}  // namespace folio
