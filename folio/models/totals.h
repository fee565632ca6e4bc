// What a pass over batches reports: sums kept in double, from which losses and metrics follow.
#pragma once
#include <vector>

#include "folio/runtime/plan.h"
#include "folio/training/callback.h"

namespace folio {

/// One reported number: where its sum and count stand among a plan's outputs.
struct Report {
  std::string name;
  bool mean_of_batches = false;  ///< losses: weighted by the rows of the batch
};

class Totals {
 public:
  explicit Totals(const std::vector<Report>& reports);
  /// Adds what a plan put out for a batch of `rows` rows.
  void add(const Frame& frame, int64_t rows);
  /// The values so far.
  Logs logs() const;
  /// All sums, for going on later with `restore` as if nothing had happened in between.
  std::vector<double> sums() const;
  void restore(const std::vector<double>& sums);

 private:
  std::vector<Report> reports_;
  std::vector<double> sums_, counts_;
};

}  // namespace folio
