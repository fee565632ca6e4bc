// Priors of models that are trained already: posteriors for other priors than those of the training set,
// priors estimated from unlabelled data, and decisions by cost. (sheet H2)
#pragma once
#include <cstdint>
#include <vector>

#include "folio/tensor/tensor.h"

namespace folio {

/// P(C) as the share of each class in y, (rows,), classes 0 … classes - 1. Throws `Error` for other labels
/// and no rows.
std::vector<double> class_shares(const Tensor& y, int64_t classes);

/// The posteriors that a model would give had its classes the priors `new_priors` in place of `old_priors`,
/// those of its training set: P'(C|x) ∝ P(C|x) P'(C) / P(C). Holds for every model whose outputs are
/// probabilities, as P(x|C) does not change with the priors. (Saerens, Latinne, Decaestecker 2002, equation
/// 4)
///
/// posteriors: (rows, classes) with rows that add up to 1 (within 1e-3), or the column of a sigmoid, (rows,)
/// or (rows, 1): the probability of class 1 of 0 and 1. The result has their shape and type. A row whose
/// classes all have the new prior 0 becomes `new_priors`. Throws `Error` for other shapes and values, and for
/// an old prior of 0 unless the new one is 0 too.
Tensor reweight(const Tensor& posteriors, const std::vector<double>& old_priors,
                const std::vector<double>& new_priors);

struct PriorEstimate {
  std::vector<double> priors;
  Tensor posteriors;  ///< reweighted to them
  int iterations = 0;
  bool converged = false;  ///< the last iteration moved no prior by more than the tolerance
};

/// The priors of the data that `posteriors` were predicted on, by expectation maximization, with no label
/// needed: the mean of the reweighted posteriors becomes the new prior, until it stays. Rests on the model
/// being calibrated. (Saerens and others 2002, equation 8)
PriorEstimate estimate_priors(const Tensor& posteriors, const std::vector<double>& old_priors,
                              int most_iterations = 10000, double tolerance = 1e-10);

/// The probability of class 1 from which on deciding for it costs less: c_fp / (c_fp + c_fn), for the costs
/// of a false positive and of a false negative.
double cost_threshold(double false_positive, double false_negative);
/// The threshold for a model's own posteriors that decides as `threshold` does for reweighted ones. The
/// priors are those of class 1, above 0 and below 1.
double reweighted_threshold(double threshold, double old_prior, double new_prior);
/// For each row the class of the least expected cost, int64; costs: (classes, classes), what it costs to
/// decide for column j when row i is true.
Tensor decide(const Tensor& posteriors, const Tensor& costs);

}  // namespace folio
