// How well scores rank: ROC and precision-recall curves, exact and with ties, and top-k. (sheet A3, A4)
#pragma once
#include <string>
#include <vector>

#include "folio/tensor/tensor.h"

namespace folio {

/// One point for every threshold: what is scored at or above it is called positive.
struct RocCurve {
  /// False and true positive rates, rising from (0, 0) to (1, 1), and the thresholds, falling from infinity.
  /// Rates of nothing (no negatives, no positives) are 0.
  std::vector<double> fpr, tpr, thresholds;
};
/// labels (n,) of 0 and 1, scores (n,), weights (n,) or none. Equal scores share a point.
/// `drop_intermediate` leaves out the points inside straight lines, which change neither picture nor area.
/// Throws `Error` on other shapes and on scores that are not finite.
RocCurve roc_curve(const Tensor& labels, const Tensor& scores, const Tensor& weights = {},
                   bool drop_intermediate = true);

/// ∫ TPR dFPR: the chance that a positive is scored above a negative, ties counting half.
///
/// Two classes: labels (n,) of 0 and 1, scores (n,). Many: labels (n,) class numbers, scores (n, classes),
/// each class against the rest. Labels that may hold together: labels (n, k) of 0 and 1, scores (n, k). `how`
/// then averages: "macro", "weighted" by the number of positives, or "micro" over all label-score pairs as
/// one. Where all are positive or none is nothing can be ranked: such a class is left out of macro and
/// weighted averages, and with nothing left the value is 0.5, that of guessing.
double roc_auc(const Tensor& labels, const Tensor& scores, const std::string& how = "macro",
               const Tensor& weights = {});

struct PrecisionRecallCurve {
  /// Recall falls from 1 to 0; a last point (precision 1, recall 0) without a threshold ends the curve, so
  /// there is one threshold less. Thresholds rise. Without positives recall is 1 and precision 0 throughout.
  std::vector<double> precision, recall, thresholds;
};
PrecisionRecallCurve precision_recall_curve(const Tensor& labels, const Tensor& scores,
                                            const Tensor& weights = {});

/// Σ (recall step) · precision, without interpolation. Shapes and `how` as of `roc_auc`; a class without
/// positives has 0.
double average_precision(const Tensor& labels, const Tensor& scores, const std::string& how = "macro",
                         const Tensor& weights = {});

/// The share (by weight) of samples whose class, labels (n,), is among the k best of scores (n, classes). Of
/// equal scores the later class comes first, as in scikit-learn.
double top_k_accuracy(const Tensor& labels, const Tensor& scores, int64_t k = 2, const Tensor& weights = {});

}  // namespace folio
