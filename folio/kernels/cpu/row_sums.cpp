#include "folio/kernels/cpu/row_sums.h"

#include "folio/kernels/cpu/functions.h"
#include "folio/ops/matmul.h"
#include "folio/ops/reduce.h"

namespace folio {

void RowSumLoop::add(const void* const* operands, int64_t rows, void* sum) const {
  const cpu::Functions& f = cpu::functions();
  const auto* a = static_cast<const float*>(operands[0]);
  auto* c = static_cast<float*>(sum);
  if (m == 0) return f.column_sums(a, rows, n, c);
  cpu::MatrixProduct product{};
  product.a = a;
  product.a_row = 1;
  product.a_column = m;
  product.b = static_cast<const float*>(operands[1]);
  product.b_row = n;
  product.c = c;
  product.c_row = n;
  product.m = m;
  product.n = n;
  product.k = rows;
  product.accumulate = true;
  f.matrix_product(product);
}

std::optional<RowSumLoop> row_sum_loop(const Op& op, const Types& operands) {
  for (const TensorType& type : operands)
    if (type.dtype != DType::float32 || type.shape.rank() == 0) return std::nullopt;
  const Shape& first = operands[0].shape;
  if (const auto* product = dynamic_cast<const MatMulOp*>(&op);
      product && product->transpose_a() && !product->transpose_b() && first.rank() == 2)
    return RowSumLoop{first[1], operands[1].shape[1]};
  if (const auto* sum = dynamic_cast<const SumOp*>(&op); sum && sum->axes() == std::vector<int>{0})
    return RowSumLoop{0, first.count(1, first.rank())};
  return std::nullopt;
}

}  // namespace folio
