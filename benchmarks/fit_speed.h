// The workloads as models: what `fit` makes of them, with shuffled rows of a set in memory.
#pragma once
#include <string>

#include "measure.h"

namespace benchmarks {

struct FitSpeed {
  Measurement step;   ///< the time of an epoch, divided by its steps
  int64_t rows = 0;   ///< of the set
  double set_mb = 0;  ///< its size
  double first_loss = 0, last_loss = 0;
};

/// Fits the workload of that name for `seconds` and at least five epochs of a set of about 100 MB.
FitSpeed fit_speed(const std::string& name, int64_t batch, int threads, double seconds);

}  // namespace benchmarks
