// The learning rate with which the Transformer was published. (sheet D2, G16)
#pragma once
#include "folio/training/callback.h"

namespace folio {

struct WarmUpOptions {
  double learning_rate = 0.001;  ///< the highest
  int64_t steps = 4000;          ///< until then
  double cool_down = 0;          ///< share of all steps, the last ones, in which the rate goes on down to 0
};

/// Sets the rate before every step n = 1, 2, …: learning_rate · min(n / steps, √(steps / n)), which is
/// width^-½ · min(n^-½, n · steps^-1.5) of Vaswani 2017 for learning_rate = (width · steps)^-½. In the end it
/// is multiplied by a straight line down to 0. Throws `Error` when an option is out of range.
class WarmUp final : public Callback {
 public:
  explicit WarmUp(const WarmUpOptions& options);
};

/// The rate of step n of so many.
double warm_up_rate(const WarmUpOptions& options, int64_t n, int64_t all);

}  // namespace folio
