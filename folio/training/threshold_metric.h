// Scores against thresholds, for the metrics that count what is called positive.
#pragma once
#include <optional>
#include <string>
#include <vector>

#include "folio/training/metric.h"

namespace folio {

/// How scores become calls of positive.
struct Thresholding {
  std::vector<double> thresholds;  ///< in any order
  /// Thresholds 0, 1/(T-1), … 1: the gap of a score is computed, not searched, with Keras' rounding.
  bool even = false;
  /// Even ones whose ends lie just outside 0 and 1, so that every score is above the first.
  bool open_ends = false;
  std::optional<int64_t> top_k = {}, class_id = {};
  bool multi_label = false;  ///< counts each label by itself
  bool from_logits = false;
  std::vector<double> label_weights = {};
};

/// Weights of samples called positive and negative, rightly and wrongly, at one threshold.
struct ThresholdCounts {
  double tp = 0, fp = 0, tn = 0, fn = 0;
};
using CountsByThreshold = std::vector<ThresholdCounts>;

/// A batch is not compared with every threshold: its scores are sorted into the gaps between thresholds, and
/// what lies above each follows from that on the host.
class ThresholdMetric : public MetricBody {
 public:
  /// (labels, 2, thresholds + 1): the weight of positives and of negatives by the number of thresholds below
  /// their score. One label unless `multi_label`.
  Values sums(const MetricInputs& batch) const final;
  std::vector<double> result(const std::vector<double>& sums) const final;

 protected:
  /// The metric from the counts at every threshold, for every label.
  virtual std::vector<double> result(const std::vector<CountsByThreshold>& labels) const = 0;
  /// For `configured`: what the settings come to.
  void set_thresholding(Thresholding thresholding);

 private:
  Value gaps(const Value& scores) const;

  Thresholding thresholding_;
  std::vector<size_t> order_;  ///< of the thresholds, ascending
};

/// Whether Keras takes thresholds for evenly spaced ones from 0 to 1.
bool evenly_spaced(const std::vector<double>& thresholds);

}  // namespace folio
