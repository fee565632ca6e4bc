// The families of metrics, as the catalogue puts them together, and what they share.
#pragma once
#include "folio/layers/common/config.h"
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
std::shared_ptr<const MetricBody> accuracy_of_shapes();
std::shared_ptr<const MetricBody> mean_loss(const Loss& loss);

/// One number per sample, and further dimensions over which the sample's is the mean: (batch, …).
using MetricFormula = std::function<Value(const Value& y_true, const Value& y_pred)>;
/// The mean of a formula over samples, each weighted by its weight and those of its steps that the mask lets
/// count; 0 of no weight. The root of it, without masks, when `root`.
std::shared_ptr<const MetricBody> mean_metric(std::string class_name, Json config, MetricFormula formula,
                                              bool root = false);

/// Targets in the type and shape of the predictions. Throws `Error` where they have another size.
Value targets_like(const Value& y_true, const Value& y_pred);
/// Weights (batch,), as they are stretched to `shape` (batch, …) of type `type`; ones where undefined.
Value stretched_weights(const Value& weights, const Shape& shape, DType type);
/// 1 for the k largest of each row and 0 for the others; of equal ones the first.
Value top_k_mask(const Value& x, int64_t k);
/// Throws `Error` unless `good`: "AUC: num_thresholds: expected …, got …".
void check_setting(bool good, const std::string& class_name, const char* setting, const char* expected,
                   const std::string& got);

}  // namespace folio
