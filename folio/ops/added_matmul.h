// A matrix product that is added to what is there already; made by the compiler.
#pragma once
#include "folio/ops/matmul.h"

namespace folio {

/// a: (m, k), b: (k, n), stored the other way round where `transpose_b`, c: (m, n) -> c + a·b.
class AddedMatMulOp final : public Op {
 public:
  explicit AddedMatMulOp(bool transpose_b) : product_(false, transpose_b) {}
  std::string name() const override { return "AddedMatMul"; }
  std::string attributes() const override { return product_.attributes(); }
  Types infer(const Types& in) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node&) const override { return {.apart = true, .aligned = {true, false, true}}; }
  double flops(const Node& node) const override;
  bool transpose_b() const { return product_.transpose_b(); }

 private:
  MatMulOp product_;
};

}  // namespace folio
