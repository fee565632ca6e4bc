// A training as it stands after some step: with the model's weights and optimizer state, all that the rest of
// it depends on. A training that goes on from here ends with the same bits as one that was never interrupted.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "folio/models/model.h"

namespace folio {

/// What must be the same for a training to go on.
struct FitSetting {
  uint64_t seed = 0;
  int64_t rows = 0, batch_size = 0, steps_per_epoch = 0;
  bool shuffle = true;
  uint32_t data = 0;  ///< a checksum of the data, and of those for validation

  bool operator==(const FitSetting&) const = default;
};

struct FitState {
  FitSetting setting;
  int epoch = 0;             ///< the running one, from 0
  int64_t step = 0;          ///< its steps done
  bool stopped = false;      ///< by a callback
  std::vector<double> sums;  ///< of the running epoch (`Totals`)
  History history;
  std::vector<CallbackState> callbacks;
};

}  // namespace folio
