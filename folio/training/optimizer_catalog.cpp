// The optimizers by name.
#include "folio/training/optimizer.h"

namespace folio {

const std::vector<OptimizerRow>& optimizer_catalog() {
  static const std::vector<OptimizerRow> rows = {
      {"adafactor", "Adafactor", "rows and columns of squares, steps measured by the weight",
       [] { return Optimizer(Adafactor()); }},
      {"adadelta", "Adadelta", "steps measured by earlier steps", [] { return Optimizer(Adadelta()); }},
      {"adagrad", "Adagrad", "divides by the root of all squares so far",
       [] { return Optimizer(Adagrad()); }},
      {"adam", "Adam", "momentum and root mean square, both corrected for their start",
       [] { return Optimizer(Adam()); }},
      {"adamax", "Adamax", "Adam with the largest recent gradient", [] { return Optimizer(Adamax()); }},
      {"adamw", "AdamW", "Adam with decoupled weight decay", [] { return Optimizer(AdamW()); }},
      {"ftrl", "Ftrl", "follow the regularized leader", [] { return Optimizer(Ftrl()); }},
      {"lamb", "Lamb", "Adam's step, as long as the weight", [] { return Optimizer(Lamb()); }},
      {"lion", "Lion", "the sign of a momentum", [] { return Optimizer(Lion()); }},
      {"nadam", "Nadam", "Adam with Nesterov's look-ahead", [] { return Optimizer(Nadam()); }},
      {"rmsprop", "RMSprop", "divides by a running root mean square", [] { return Optimizer(RMSprop()); }},
      {"sgd", "SGD", "gradient descent, with momentum or Nesterov's", [] { return Optimizer(SGD()); }},
  };
  return rows;
}

}  // namespace folio
