#include "folio/ops/added_matmul.h"

#include "folio/base/error.h"
#include "folio/tensor/tensor.h"

namespace folio {

Types AddedMatMulOp::infer(const Types& in) const {
  Types types = product_.infer({in[0], in[1]});
  if (in[0].shape.rank() != 2 || types[0] != in[2])
    throw InternalError("added matmul: " + to_string(types[0]) + " to " + to_string(in[2]));
  return types;
}

void AddedMatMulOp::define(const Views& in, const Views& out) const {
  Tensor product(out[0].shape(), out[0].type.dtype);
  product_.define({in[0], in[1]}, {{out[0].type, product.raw()}});
  visit(out[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    for (int64_t i = 0; i < product.count(); ++i)
      out[0].as<T>()[i] = static_cast<T>(in[2].as<T>()[i] + product.data<T>()[i]);
  });
}

double AddedMatMulOp::flops(const Node& node) const { return product_.flops(node); }

}  // namespace folio
