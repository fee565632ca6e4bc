#include "folio/ops/transposed_matmul.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "folio/base/error.h"

namespace folio {
namespace {

// The shape after a transpose.
Shape ordered(const Shape& shape, const std::vector<int>& order) {
  Shape result = shape;
  for (int i = 0; i < shape.rank(); ++i) result[i] = shape[order[i]];
  return result;
}

// Per dimension of the transposed value: elements from one place to the next in memory; 0 where it stretches.
std::vector<int64_t> steps(const Shape& shape, const std::vector<int>& order) {
  std::vector<int64_t> result;
  for (int from : order) result.push_back(shape[from] == 1 ? 0 : shape.count(from + 1, shape.rank()));
  return result;
}

std::vector<int> inverse(const std::vector<int>& order) {
  std::vector<int> back(order.size());
  for (size_t i = 0; i < order.size(); ++i) back[order[i]] = static_cast<int>(i);
  return back;
}

// (…, m, n), the leading dimensions stretched over each other.
Shape product_shape(const Shape& a, const Shape& b) {
  Shape shape = a;
  for (int i = 0; i < a.rank() - 2; ++i) shape[i] = a[i] == 1 ? b[i] : a[i];
  shape[-1] = b[-1];
  return shape;
}

}  // namespace

std::string TransposedMatMulOp::attributes() const {
  return fmt::format("a {} b {} y {}", fmt::join(order_a_, " "), fmt::join(order_b_, " "),
                     fmt::join(order_y_, " "));
}

Types TransposedMatMulOp::infer(const Types& in) const {
  const Shape a = ordered(in[0].shape, order_a_), b = ordered(in[1].shape, order_b_);
  if (a[-1] != b[-2]) throw InternalError("transposed matmul: " + to_string(a) + " and " + to_string(b));
  return {{ordered(product_shape(a, b), order_y_), in[0].dtype}};
}

TransposedMatMulOp::Geometry TransposedMatMulOp::geometry(const Shape& a, const Shape& b) const {
  const Shape from_a = ordered(a, order_a_), from_b = ordered(b, order_b_),
              product = product_shape(from_a, from_b);
  const std::vector<int64_t> step_a = steps(a, order_a_), step_b = steps(b, order_b_),
                             step_y = steps(ordered(product, order_y_), inverse(order_y_));
  const size_t row = order_a_.size() - 2, column = row + 1;
  Geometry g{{},          product[-2],    product[-1], from_a[-1],    step_a[row], step_a[column],
             step_b[row], step_b[column], step_y[row], step_y[column]};
  for (size_t i = 0; i < row; ++i)
    g.batch.push_back({product[static_cast<int>(i)], step_a[i], step_b[i], step_y[i]});
  return g;
}

void TransposedMatMulOp::define(const Views& in, const Views& out) const {
  const Geometry g = geometry(in[0].shape(), in[1].shape());
  int64_t count = 1;
  for (const Geometry::Loop& loop : g.batch) count *= loop.size;
  visit(out[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    for (int64_t s = 0; s < count; ++s) {
      const T *a = in[0].as<T>(), *b = in[1].as<T>();
      T* y = out[0].as<T>();
      int64_t rest = s;
      for (size_t i = g.batch.size(); i-- > 0; rest /= g.batch[i].size) {
        const int64_t at = rest % g.batch[i].size;
        a += at * g.batch[i].a, b += at * g.batch[i].b, y += at * g.batch[i].y;
      }
      for (int64_t i = 0; i < g.m; ++i)
        for (int64_t j = 0; j < g.n; ++j) {
          double total = 0;
          for (int64_t p = 0; p < g.k; ++p)
            total += static_cast<double>(a[i * g.a_row + p * g.a_column]) *
                     static_cast<double>(b[p * g.b_row + j * g.b_column]);
          y[i * g.y_row + j * g.y_column] = static_cast<T>(total);
        }
    }
  });
}

RowMap TransposedMatMulOp::rows(const Node& node) const {
  return order_a_[0] == 0 && order_b_[0] == 0 && order_y_[0] == 0 ? RowMap::stretched(node) : RowMap{};
}

double TransposedMatMulOp::flops(const Node& node) const {
  return 2.0 * static_cast<double>(node.outputs[0].shape.count()) *
         static_cast<double>(node.inputs[0].shape()[order_a_.back()]);
}

}  // namespace folio
