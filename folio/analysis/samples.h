// Arrays of labels, scores and weights: checked, and in double.
#pragma once
#include <string>
#include <vector>

#include "folio/tensor/tensor.h"

namespace folio {

/// Samples in rows, `width` numbers each.
struct Samples {
  int64_t rows = 0, width = 1;
  std::vector<double> values;
  double at(int64_t row, int64_t column = 0) const {
    return values[static_cast<size_t>(row * width + column)];
  }
};

/// (n,) or (n, width), with n > 0 and nothing that is not finite; throws `Error` naming `what` and the row.
Samples samples(const Tensor& array, const std::string& what);
/// Whole numbers from 0 to classes - 1, one per row: (n,) or (n, 1). `classes` 0: without an upper end.
std::vector<int64_t> class_numbers(const Tensor& labels, int64_t classes, const std::string& what);
/// Zeros and ones: (n,) or (n, width).
Samples truth_values(const Tensor& labels, const std::string& what);
/// One per row, none below 0; ones when `weights` is empty.
std::vector<double> sample_weights(const Tensor& weights, int64_t rows);
/// The same, and their sum is above 0: what means divide by.
std::vector<double> mean_weights(const Tensor& weights, int64_t rows);
/// Throws `Error` when the second does not have as many rows, or as wide ones, as the first.
void check_same_rows(int64_t expected, int64_t got, const std::string& what);
void check_same_width(int64_t expected, int64_t got, const std::string& what);

/// a / b, and 0 where there is nothing to divide.
inline double ratio(double a, double b) { return b == 0 ? 0 : a / b; }

}  // namespace folio
