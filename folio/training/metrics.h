// Keras' metrics with settings: `.metrics = {"accuracy", metrics::AUC({.curve = "PR"})}`. (sheet A1 to A4)
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "folio/training/metric.h"

/// Names, settings and defaults are those of keras.metrics; every function throws `Error` when a setting
/// makes no sense. `name` is the key in histories; empty means Keras' own ("auc"). Losses are metrics by
/// themselves: `Metric(binary_crossentropy(true))`. docs/metrics.md has the formulas, and the values of what
/// is undefined.
namespace folio::metrics {

// How often the answer is right.

/// Predictions equal to the targets, number by number. (The name "accuracy" chooses one of the next three.)
Metric Accuracy(const std::string& name = "");
Metric BinaryAccuracy(double threshold = 0.5, const std::string& name = "");
Metric CategoricalAccuracy(const std::string& name = "");
Metric SparseCategoricalAccuracy(const std::string& name = "");
Metric TopKCategoricalAccuracy(int64_t k = 5, const std::string& name = "");
/// `from_sorted_ids`: predictions are class numbers, best first.
Metric SparseTopKCategoricalAccuracy(int64_t k = 5, bool from_sorted_ids = false,
                                     const std::string& name = "");

// What is called positive: scores above thresholds from 0 to 1. Several thresholds give several numbers.

Metric TruePositives(std::vector<double> thresholds = {}, const std::string& name = "");
Metric TrueNegatives(std::vector<double> thresholds = {}, const std::string& name = "");
Metric FalsePositives(std::vector<double> thresholds = {}, const std::string& name = "");
Metric FalseNegatives(std::vector<double> thresholds = {}, const std::string& name = "");

struct PrecisionOptions {
  std::vector<double> thresholds = {};   ///< empty: 0.5, or with top_k all of the k
  std::optional<int64_t> top_k = {};     ///< only the k best classes of a row are called positive
  std::optional<int64_t> class_id = {};  ///< looks at this class alone
  std::string name = {};
};
/// tp / (tp + fp)
Metric Precision(PrecisionOptions options = {});
/// tp / (tp + fn)
Metric Recall(PrecisionOptions options = {});

struct ThresholdSearch {
  int64_t num_thresholds = 200;
  std::optional<int64_t> class_id = {};
  std::string name = {};
};
/// The best of one rate over the thresholds at which the other is at least the given number; 0 when it never
/// is.
Metric SensitivityAtSpecificity(double specificity, ThresholdSearch options = {});
Metric SpecificityAtSensitivity(double sensitivity, ThresholdSearch options = {});
Metric PrecisionAtRecall(double recall, ThresholdSearch options = {});
Metric RecallAtPrecision(double precision, ThresholdSearch options = {});

struct AUCOptions {
  int64_t num_thresholds = 200;
  std::string curve = "ROC";                       ///< or "PR", "PRGAIN"
  std::string summation_method = "interpolation";  ///< or "minoring", "majoring"
  std::vector<double> thresholds = {};             ///< instead of evenly spaced ones; 0 and 1 are added
  /// The mean of the areas of the labels (batch, labels), instead of one area of all scores.
  bool multi_label = false;
  std::optional<int64_t> num_labels = {};
  std::vector<double> label_weights = {};
  bool from_logits = false;
  std::string name = {};
};
/// The area under the curve, from thresholds; `roc_auc` in analysis/ranking.h has the exact one, of arrays.
Metric AUC(AUCOptions options = {});

struct FScoreOptions {
  std::string average = {};              ///< "micro", "macro", "weighted"; empty: a number for every class
  std::optional<double> threshold = {};  ///< unset: the largest of each row is called positive
  std::string name = {};
};
/// Targets and predictions (batch, classes); targets are 0 and 1.
Metric F1Score(FScoreOptions options = {});
Metric FBetaScore(double beta = 1, FScoreOptions options = {});

// Intersection over union of the samples, or points of pictures, that belong to a class.

struct IoUOptions {
  std::optional<int64_t> ignore_class = {};
  bool sparse_y_true = true,
       sparse_y_pred = true;  ///< class numbers; otherwise the largest along `axis` counts
  int64_t axis = -1;
  /// "int", as in Keras, which cuts weights to whole numbers, or "float32".
  std::string dtype = "int";
  std::string name = {};
};
/// The mean over the target classes that occur.
Metric IoU(int64_t num_classes, std::vector<int64_t> target_class_ids, IoUOptions options = {});
Metric MeanIoU(int64_t num_classes, IoUOptions options = {});
/// Targets are vectors, and predictions too unless `sparse_y_pred`.
Metric OneHotIoU(int64_t num_classes, std::vector<int64_t> target_class_ids,
                 IoUOptions options = {.sparse_y_pred = false});
Metric OneHotMeanIoU(int64_t num_classes, IoUOptions options = {.sparse_y_pred = false});
/// Scores at or above the threshold are class 1.
Metric BinaryIoU(std::vector<int64_t> target_class_ids = {0, 1}, double threshold = 0.5,
                 const std::string& name = "");

// How far numbers are off. (Means of losses, such as "mae", go by their names.)

Metric RootMeanSquaredError(const std::string& name = "");
/// Σ y ŷ / (|y| |ŷ|) along `axis`: 1 the same direction, -1 the opposite one.
Metric CosineSimilarity(int64_t axis = -1, const std::string& name = "");
/// 1 - Σ (y - ŷ)² / Σ (y - mean y)² over all batches; "variance_weighted_average", or empty: one per output.
/// `num_regressors` above 0: adjusted for so many.
Metric R2Score(const std::string& class_aggregation = "uniform_average", int64_t num_regressors = 0,
               const std::string& name = "");
Metric PearsonCorrelation(int64_t axis = -1, const std::string& name = "");
Metric ConcordanceCorrelation(int64_t axis = -1, const std::string& name = "");

}  // namespace folio::metrics
