// How good probabilities are.
#pragma once
#include "folio/tensor/tensor.h"

namespace folio {

/// The mean of -log p of the right class. Two classes: labels (n,) of 0 and 1, probabilities (n,) of class 1;
/// many: labels (n,) class numbers, probabilities (n, classes), whose rows are divided by their sums.
/// Probabilities are kept `epsilon` away from 0 and 1; below 0 it is the precision of the array's numbers, as
/// in scikit-learn. Throws `Error` on numbers outside [0, 1] and on weights that sum to 0.
double log_loss(const Tensor& labels, const Tensor& probabilities, const Tensor& weights = {},
                double epsilon = -1);

/// Brier's score. Two classes: the mean of (p - y)², y 0 or 1; many: of the sum of that over the classes.
/// Shapes and errors as of `log_loss`.
double brier_score(const Tensor& labels, const Tensor& probabilities, const Tensor& weights = {});

}  // namespace folio
