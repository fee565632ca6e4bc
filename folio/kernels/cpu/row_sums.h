// Sums over rows that grow: what a scan's steps add to gradients of weights.
#pragma once
#include <optional>

#include "folio/graph/op.h"

namespace folio {

/// sum += aᵀ·b over rows of a (rows, m) and b (rows, n), or the sum of the rows of b where m is 0.
struct RowSumLoop {
  int64_t m, n;

  /// Operands lie together, row by row.
  void add(const void* const* operands, int64_t rows, void* sum) const;
  int64_t bytes() const { return (m > 0 ? m : 1) * n * static_cast<int64_t>(sizeof(float)); }
};

/// The loop for an op that sums over the rows of its operands, if there is one.
std::optional<RowSumLoop> row_sum_loop(const Op& op, const Types& operands);

}  // namespace folio
