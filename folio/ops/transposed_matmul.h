// Matrix products that read and write transposed values where they lie; made by the compiler.
#pragma once
#include "folio/graph/op.h"

namespace folio {

/// y with transpose(a, order_a) · transpose(b, order_b) = Y and y = transpose(Y, order_y), without a
/// transposed copy of anything. All have the same rank, at least 3; in front of the matrices' two dimensions
/// a size of 1 stretches, as in broadcasting.
class TransposedMatMulOp final : public Op {
 public:
  using Order = std::vector<int>;
  TransposedMatMulOp(Order a, Order b, Order y)
      : order_a_(std::move(a)), order_b_(std::move(b)), order_y_(std::move(y)) {}
  std::string name() const override { return "TransposedMatMul"; }
  std::string attributes() const override;
  Types infer(const Types& in) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override;
  double flops(const Node& node) const override;

  /// The products of one node: a loop over `batch` (outermost first, steps in elements) around products of
  /// (m, k) and (k, n), whose rows and columns lie `*_row` and `*_column` apart.
  struct Geometry {
    struct Loop {
      int64_t size, a, b, y;
    };
    std::vector<Loop> batch;
    int64_t m, n, k, a_row, a_column, b_row, b_column, y_row, y_column;
  };
  Geometry geometry(const Shape& a, const Shape& b) const;

 private:
  Order order_a_, order_b_, order_y_;
};

}  // namespace folio
