// The doctor: watches a training and says in a sentence what is wrong, where, and what to try. (sheet C8, D)
#pragma once
#include <vector>

#include "folio/analysis/finding.h"
#include "folio/analysis/layer_statistics.h"
#include "folio/training/callback.h"

namespace folio {

struct DoctorOptions {
  /// Layers are looked at after steps 1, 4 and 16, and then every so many steps. A look costs about as much
  /// as a step of as many rows, so 128 makes it under 1 % of a training that goes on; docs/doctor.md has the
  /// measurements.
  int64_t every = 128;
  /// Rows of a batch that are looked at, at most.
  int64_t rows = 64;
  /// Whether findings are printed on standard error, after the line of their epoch.
  bool print = true;
};

/// A callback for `fit`. It never changes the training: the bits are the same with and without it. When it
/// looks depends on the number of steps alone, so that the same training gives the same findings, also when
/// it was interrupted and resumed. docs/doctor.md lists what it can find, with thresholds and reasons.
class Doctor final : public Callback {
 public:
  explicit Doctor(DoctorOptions options = {});
  /// In the order in which they were made; each kind is told once, and again only if it gets much worse.
  const std::vector<Finding>& findings() const;
  /// What the latest look saw; empty before the first.
  const LayerStatistics& latest() const;
};

}  // namespace folio
