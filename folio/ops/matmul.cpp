#include "folio/ops/matmul.h"

#include <algorithm>
#include <optional>

#include "folio/base/error.h"
#include "folio/ops/reshape.h"

namespace folio {

std::string MatMulOp::attributes() const {
  return std::string(transpose_a_ ? "aᵀ" : "") + (transpose_b_ ? "bᵀ" : "");
}

Types MatMulOp::infer(const Types& in) const {
  const Shape &a = in[0].shape, &b = in[1].shape;
  const auto misfit = [&](const char* why) {
    return Error("matmul: " + to_string(a) + (transpose_a_ ? " transposed" : "") + " and " + to_string(b) +
                 (transpose_b_ ? " transposed" : "") + " " + why);
  };
  if (in[0].dtype != in[1].dtype) throw misfit("have different types; cast one of them");
  if (a.rank() < 2 || a.rank() != b.rank()) throw misfit("need the same number of dimensions, at least 2");
  for (int i = 0; i < a.rank() - 2; ++i)
    if (a[i] != b[i] && a[i] != kUnknown && b[i] != kUnknown) throw misfit("differ in a leading dimension");
  const int64_t m = a[transpose_a_ ? -1 : -2], ka = a[transpose_a_ ? -2 : -1];
  const int64_t kb = b[transpose_b_ ? -1 : -2], n = b[transpose_b_ ? -2 : -1];
  if (ka != kb && ka != kUnknown && kb != kUnknown)
    throw misfit("do not fit: the inner dimensions must be equal");
  return {{a.with(-2, m).with(-1, n), in[0].dtype}};
}

Values MatMulOp::gradient(const GradientContext& g) const {
  const Value &a = g.inputs[0], &b = g.inputs[1], &dy = g.output_gradients[0];
  const auto product = [](const Value& x, const Value& y, bool tx, bool ty) {
    return apply_one(std::make_shared<MatMulOp>(tx, ty), {x, y});
  };
  return {transpose_a_ ? product(b, dy, transpose_b_, true) : product(dy, b, false, !transpose_b_),
          transpose_b_ ? product(dy, a, true, transpose_a_) : product(a, dy, !transpose_a_, false)};
}

void MatMulOp::define(const Views& in, const Views& out) const {
  const Shape &sa = in[0].shape(), &sy = out[0].shape();
  const int64_t m = sy[-2], n = sy[-1], k = sa[transpose_a_ ? -2 : -1], batch = sy.count(0, sy.rank() - 2);
  const int64_t a_row = transpose_a_ ? 1 : k, a_column = transpose_a_ ? m : 1;
  const int64_t b_row = transpose_b_ ? 1 : n, b_column = transpose_b_ ? k : 1;
  visit(out[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    for (int64_t s = 0; s < batch; ++s) {
      const T *a = in[0].as<T>() + s * m * k, *b = in[1].as<T>() + s * k * n;
      T* y = out[0].as<T>() + s * m * n;
      for (int64_t i = 0; i < m; ++i)
        for (int64_t j = 0; j < n; ++j) {
          double total = 0;
          for (int64_t p = 0; p < k; ++p)
            total += static_cast<double>(a[i * a_row + p * a_column]) *
                     static_cast<double>(b[p * b_row + j * b_column]);
          y[i * n + j] = static_cast<T>(total);
        }
    }
  });
}

RowMap MatMulOp::rows(const Node& node) const {
  if (node.outputs[0].shape.rank() > 2) return RowMap::each(node);
  // A row of the product takes a column of a transposed a: kernels can do that, the definition wants all.
  if (transpose_a_) return {};
  return {.apart = true, .aligned = {true, false}};
}

double MatMulOp::flops(const Node& node) const {
  return 2.0 * static_cast<double>(node.outputs[0].shape.count()) *
         static_cast<double>(node.inputs[0].shape()[transpose_a_ ? -2 : -1]);
}

namespace {

// The leading dimensions of a product whose operands have to be stretched for it; nothing when they need not
// be or cannot be.
std::optional<Shape> stretched_leading(const Shape& a, const Shape& b) {
  const int rank = std::max(a.rank(), b.rank()) - 2;
  if (a.rank() < 2 || b.rank() < 2 || !a.known() || !b.known()) return std::nullopt;
  Shape leading;
  bool equal = a.rank() == b.rank();
  for (int i = -rank; i < 0; ++i) {
    const int64_t from_a = a.rank() - 2 + i < 0 ? 1 : a[i - 2], from_b = b.rank() - 2 + i < 0 ? 1 : b[i - 2];
    if (from_a != from_b && from_a != 1 && from_b != 1) return std::nullopt;
    equal = equal && from_a == from_b;
    leading = leading.inserted(leading.rank(), from_a == 1 ? from_b : from_a);
  }
  return equal ? std::nullopt : std::optional(leading);
}

Value stretch(const Value& x, const Shape& leading) {
  Shape shape = x.shape();
  while (shape.rank() < leading.rank() + 2) shape = shape.inserted(0, 1);
  return broadcast_to(reshape(x, shape), leading.joined(shape.from(shape.rank() - 2)));
}

}  // namespace

Value matmul(const Value& a, const Value& b, bool transpose_a, bool transpose_b) {
  const auto op = std::make_shared<MatMulOp>(transpose_a, transpose_b);
  if (b.rank() != 2 || a.rank() <= 2) {
    if (const auto leading = stretched_leading(a.shape(), b.shape()))
      return apply_one(op, {stretch(a, *leading), stretch(b, *leading)});
    return apply_one(op, {a, b});
  }
  if (transpose_a)
    throw Error("matmul: " + to_string(a.shape()) + " cannot be transposed against the matrix " +
                to_string(b.shape()));
  const Value rows = reshape(a, {kUnknown, a.shape()[-1]});
  const Value product = apply_one(op, {rows, b});
  return reshape(product, a.shape().with(-1, product.shape()[-1]));
}

}  // namespace folio
