// Logistic regression on samples with few entries, such as the words of texts, to its one minimum.
#pragma once
#include <cstdint>
#include <vector>

#include "folio/analysis/feature_rows.h"
#include "folio/tensor/tensor.h"

namespace folio {

struct LogisticRegressionOptions {
  double C = 1;  ///< the weight of the data against the penalty, as in scikit-learn
  int iterations = 100;
  double tolerance = 1e-4;  ///< on the largest entry of the gradient, divided by C
};

/// P(c|x) = softmax(W x + b), W and b minimising |W|² / 2 - C Σ log P(y|x); b is not penalised. One row of W
/// for each class, two for two classes. Found by L-BFGS (Nocedal, Wright 2006, algorithm 7.5), the same every
/// time.
class LogisticRegression {
 public:
  explicit LogisticRegression(LogisticRegressionOptions options = {}) : options_(options) {}
  /// y: class numbers (rows,) from 0 to classes - 1. Throws `Error` for other numbers and shapes that do not
  /// fit.
  void fit(const SparseRows& x, const Tensor& y, int64_t classes);
  /// float64 (rows, classes).
  Tensor predict_proba(const SparseRows& x) const;
  /// The share of rows whose most probable class is theirs.
  double score(const SparseRows& x, const Tensor& y) const;
  /// W, then b: (features + 1) numbers for each class side by side.
  const std::vector<double>& coefficients() const { return weights_; }

 private:
  LogisticRegressionOptions options_;
  int64_t features_ = 0, classes_ = 0;
  std::vector<double> weights_;  // (features + 1, classes)
};

}  // namespace folio
