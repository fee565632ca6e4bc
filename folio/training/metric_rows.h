// The families of metrics, as the catalogue puts them together, and what they share.
#pragma once
#include "folio/base/fields.h"
#include "folio/training/metric.h"

namespace folio {

std::vector<MetricRow> accuracy_metric_rows();
std::vector<MetricRow> confusion_metric_rows();
std::vector<MetricRow> f_score_metric_rows();
std::vector<MetricRow> iou_metric_rows();
std::vector<MetricRow> regression_metric_rows();
/// Means of losses: a row for every loss.
std::vector<MetricRow> loss_metric_rows();

/// "accuracy": binary, sparse or categorical by the shapes, as in Keras.
std::shared_ptr<MetricBody> accuracy_of_shapes();
std::shared_ptr<MetricBody> mean_loss(const Loss& loss);
/// The mean of a function of the program's own.
std::shared_ptr<MetricBody> own_metric(LossFunction function);

/// The mean over samples of one number per sample (and further dimensions over which the sample's is the
/// mean), each weighted by its weight and those of its steps that the mask lets count; 0 of no weight. The
/// root of it, without masks, when `root`: such are errors.
class MeanMetric : public MetricBody {
 public:
  explicit MeanMetric(const char* class_name, bool root = false) : class_name_(class_name), root_(root) {}
  std::string class_name() const override { return class_name_; }
  Values sums(const MetricInputs& batch) const final;
  std::vector<double> result(const std::vector<double>& sums) const final;
  std::optional<bool> larger_is_better() const override { return !root_; }

 protected:
  /// (batch, …)
  virtual Value values(const Value& y_true, const Value& y_pred) const = 0;

 private:
  const char* class_name_;
  bool root_;
};
/// One without settings.
using MetricFormula = Value (*)(const Value& y_true, const Value& y_pred);
std::shared_ptr<MetricBody> mean_metric(const char* class_name, MetricFormula formula, bool root = false);

/// Targets in the type and shape of the predictions. Throws `Error` where they have another size.
Value targets_like(const Value& y_true, const Value& y_pred);
/// Weights (batch,), as they are stretched to `shape` (batch, …) of type `type`; ones where undefined.
Value stretched_weights(const Value& weights, const Shape& shape, DType type);
/// 1 for the k largest of each row and 0 for the others; of equal ones the first.
Value top_k_mask(const Value& x, int64_t k);

}  // namespace folio
