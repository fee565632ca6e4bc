// Bayes' rule: P(C|x) = P(x|C) P(C) / P(x), with P(x) the sum of P(x|C) P(C) over all classes. (sheet H1)
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "folio/tensor/tensor.h"

namespace folio {

/// Throws `Error` unless these are `classes` numbers that are not negative and add up to 1 (within 1e-5).
/// With `classes` 0 any number of them will do.
void check_priors(const std::vector<double>& priors, int64_t classes, const std::string& place);

/// log P(C|x) of each row, float64, from log P(x|C), shape (rows, classes), and P(C). Nothing underflows: the
/// largest term of a row is taken out of the sum. Where P(x) is 0, no class could have produced x: such an x
/// decides nothing, and the row is log P(C).
Tensor log_posterior(const Tensor& log_likelihoods, const std::vector<double>& priors);
/// The same from P(x|C) to P(C|x). Likelihoods may be densities, so they may exceed 1. Throws `Error` for a
/// likelihood that is negative or not finite.
Tensor posterior(const Tensor& likelihoods, const std::vector<double>& priors);
/// P(x) of each row, (rows,).
Tensor evidence(const Tensor& likelihoods, const std::vector<double>& priors);

/// Turns each row of log P(x, C), shape (rows, classes), into log P(C|x), in place; rows of minus infinity
/// become `log_priors`.
void normalize_log_rows(Tensor& joint, const std::vector<double>& log_priors);
/// For each row the column of the largest number, the first one where several are, as int64 (rows,).
Tensor largest_columns(const Tensor& table);

/// A classifier whose likelihoods are given: a table with a row for each thing that can be observed.
class BayesClassifier {
 public:
  /// likelihoods: (observations, classes), P(x|C). Throws `Error` like `posterior`.
  BayesClassifier(Tensor likelihoods, std::vector<double> priors);
  /// Changes P(C); the likelihoods stay.
  void set_priors(std::vector<double> priors);
  const std::vector<double>& priors() const { return priors_; }

  /// x: (rows,), which observation each row is. The result is P(C|x), (rows, classes).
  Tensor predict_proba(const Tensor& x) const;
  /// The most probable class of each row, int64.
  Tensor predict(const Tensor& x) const { return largest_columns(predict_proba(x)); }

 private:
  Tensor likelihoods_;
  std::vector<double> priors_;
};

}  // namespace folio
