// Which learning rate a model wants. (sheet D2)
#pragma once
#include <vector>

#include "folio/models/model.h"

namespace folio {

struct LearningRateRange {
  double lowest = 1e-6, highest = 1;
  int64_t steps = 100;  ///< batches, over which the rate rises
  int64_t batch_size = 32;
  double smoothing = 0.9;  ///< how much of the running mean of losses stays at each step
  double most = 4;         ///< ends when the running mean is so many times the lowest
};

struct LearningRateCurve {
  std::vector<double> rates, losses;  ///< of each step made; the losses are running means
  /// Where the loss falls fastest per factor of the rate, before it is lowest; the lowest rate if it never
  /// falls.
  double suggestion = 0;
};

/// The range test (Smith 2015): trains with a rate that rises by the same factor at each step, from `lowest`
/// to `highest`, until the loss runs away. The model is left as it was, its optimizer untouched: a fresh one
/// with the same settings makes the steps. Throws `Error` unless the model is compiled and the range makes
/// sense.
LearningRateCurve find_learning_rate(const Model& model, const Data& data, LearningRateRange range = {});

}  // namespace folio
