// What a pass over batches logs: sums kept in double, from which losses and metrics follow.
#pragma once
#include <vector>

#include "folio/runtime/plan.h"
#include "folio/training/callback.h"
#include "folio/training/metric.h"

namespace folio {

/// An entry of the logs, as it comes out of a plan: a loss, whose batches are averaged by their rows, or the
/// sums of a metric.
struct LogEntry {
  std::string name;
  Metric metric = {};     ///< undefined: a loss
  size_t output = 0;      ///< of the model, that the metric is of
  bool weighted = false;  ///< by the weights of the samples
  int outputs = 1;        ///< how many of the plan's outputs
  int64_t sums = 2;       ///< how many numbers are added up
};

class Totals {
 public:
  explicit Totals(const std::vector<LogEntry>& entries);
  /// Adds what a plan put out for a batch of `rows` rows.
  void add(const Frame& frame, int64_t rows);
  /// The values so far. A metric of several numbers has them under "name[0]", "name[1]" and so on.
  Logs logs() const;
  /// All sums, for going on later with `restore` as if nothing had happened in between.
  const std::vector<double>& sums() const { return sums_; }
  void restore(const std::vector<double>& sums);

 private:
  std::vector<LogEntry> entries_;
  std::vector<double> sums_;
};

}  // namespace folio
