// What the numbers of a run say, in plain words: one sentence per figure, and the verdict.
#pragma once
#include <string>
#include <vector>

#include "folio/report/run_record.h"

namespace folio {

/// A verdict as a page shows it.
struct RunVerdict {
  std::string kind;  ///< "good", "warning", "serious", or "" when nothing can be said
  std::string head;  ///< "Overfitting (high variance)"
  std::vector<std::string> sentences;
};
/// Bias and variance as folio/analysis/verdict.h judges them, and whether accuracy misleads: one class has 70
/// % of the samples or more, and accuracy is 5 points or more above the mean recall of the classes.
RunVerdict verdict_of(const RunRecord& record);

std::string read_loss(const RunRecord& record);
std::string read_metric(const RunRecord& record, const std::string& metric);
std::string read_rate(const SeriesRecord& rate);
std::string read_confusion(const ClassificationRecord& record);
std::string read_labels(const ClassificationRecord& record);  ///< that may hold together
std::string read_classes(const ClassificationRecord& record);
std::string read_roc(const ClassificationRecord& record);
std::string read_precision_recall(const ClassificationRecord& record);
std::string read_calibration(const ClassificationRecord& record);
std::string read_scatter(const RegressionRecord& record);
std::string read_residuals(const RegressionRecord& record);
std::string read_importance(const RunRecord& record);

/// Whether a series of the history is the learning rate.
bool is_rate(const std::string& name);
/// The epoch (from 0) with the best finite value; -1 when there is none.
int best_epoch(const std::vector<double>& values, bool more_is_better);

}  // namespace folio
