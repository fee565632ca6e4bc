// Matrix product.
#pragma once
#include "folio/graph/op.h"

namespace folio {

/// a: (…, m, k) and b: (…, k, n) -> (…, m, n), both of the same rank and leading dimensions; either may be
/// stored with its last two dimensions exchanged.
class MatMulOp final : public Op {
 public:
  MatMulOp(bool transpose_a, bool transpose_b) : transpose_a_(transpose_a), transpose_b_(transpose_b) {}
  std::string name() const override { return "MatMul"; }
  std::string attributes() const override;
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override;
  double flops(const Node& node) const override;
  bool transpose_a() const { return transpose_a_; }
  bool transpose_b() const { return transpose_b_; }

 private:
  bool transpose_a_, transpose_b_;
};

/// a·b. When b is a matrix, the leading dimensions of a are rows: (batch, time, k) · (k, n) -> (batch, time,
/// n). Otherwise leading dimensions of 1, and those that one of them lacks, stretch as in NumPy.
Value matmul(const Value& a, const Value& b, bool transpose_a = false, bool transpose_b = false);

}  // namespace folio
