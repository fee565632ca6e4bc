// Principal components: the directions in which rows of numbers vary most. (sheet E1)
#pragma once
#include <cstdint>
#include <vector>

#include "folio/tensor/tensor.h"

namespace folio {

/// A plane through the mean of the rows, nearest to all of them.
struct PrincipalComponents {
  Tensor mean;                    ///< (features,)
  Tensor components;              ///< (count, features): orthonormal, the largest variance first
  std::vector<double> variances;  ///< along them, divided by rows − 1

  /// (rows, …) with as many numbers a row as there are features -> their places on the plane (rows, count)
  Tensor transform(const Tensor& x) const;
  /// (rows, count) -> (rows, features)
  Tensor inverse_transform(const Tensor& codes) const;
};

/// The first `count` components of (rows, …), whose rows are taken as lists of numbers. They are found by
/// multiplying a block of random vectors with the covariance until it turns no more, so that nothing larger
/// than the data is held. (Halko, Martinsson, Tropp 2011, algorithm 4.4) Throws `Error` when there are fewer
/// rows or features than components.
PrincipalComponents principal_components(const Tensor& x, int64_t count, uint64_t seed = 1);

/// The angles in radians between the spaces that the rows of `a` (m, features) and `b` (n, features) span,
/// least first: min(m, n) of them, all 0 where one space holds the other. The rows need not be orthonormal.
/// (Björck, Golub 1973) Throws `Error` when the rows of one depend on each other.
std::vector<double> principal_angles(const Tensor& a, const Tensor& b);

}  // namespace folio
