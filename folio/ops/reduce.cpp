#include "folio/ops/reduce.h"

#include <algorithm>
#include <limits>
#include <numeric>

#include "folio/base/error.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

std::vector<int> normalized(std::vector<int> axes, int rank, const char* op) {
  if (axes.empty()) {
    axes.resize(static_cast<size_t>(rank));
    std::iota(axes.begin(), axes.end(), 0);
    return axes;
  }
  for (int& axis : axes) {
    const int given = axis;
    if (axis < 0) axis += rank;
    if (axis < 0 || axis >= rank)
      throw Error(std::string(op) + ": axis " + std::to_string(given) +
                  " does not exist in a value of rank " + std::to_string(rank));
  }
  std::sort(axes.begin(), axes.end());
  axes.erase(std::unique(axes.begin(), axes.end()), axes.end());
  return axes;
}

Shape kept(Shape shape, const std::vector<int>& axes) {
  for (int axis : axes) shape[axis] = 1;
  return shape;
}

template <class R>
Value reduce(const Value& x, std::vector<int> axes, bool keepdims, const char* name) {
  axes = normalized(std::move(axes), x.rank(), name);
  const Shape stretched = kept(x.shape(), axes);
  const Value result = apply_one(std::make_shared<R>(axes), {x});
  return keepdims ? reshape(result, stretched) : result;
}

// Calls body(index into the result) for every element of x in order.
template <class Body>
void for_each(const Shape& shape, const ReduceOp& op, Body&& body) {
  const int rank = shape.rank();
  std::vector<int64_t> stride(static_cast<size_t>(rank), 0), place(static_cast<size_t>(rank), 0);
  int64_t step = 1;
  for (int d = rank - 1; d >= 0; --d)
    if (!op.reduces(d)) stride[d] = step, step *= shape[d];
  int64_t to = 0;
  for (int64_t e = 0, n = shape.count(); e < n; ++e) {
    body(e, to);
    for (int d = rank - 1; d >= 0; --d) {
      to += stride[d];
      if (++place[d] < shape[d]) break;
      to -= stride[d] * shape[d];
      place[d] = 0;
    }
  }
}

}  // namespace

bool ReduceOp::reduces(int axis) const { return std::find(axes_.begin(), axes_.end(), axis) != axes_.end(); }

std::string ReduceOp::attributes() const {
  std::string text = "axes";
  for (int axis : axes_) text += " " + std::to_string(axis);
  return text;
}

Types ReduceOp::infer(const Types& in) const {
  std::vector<int64_t> dims;
  for (int i = 0; i < in[0].shape.rank(); ++i)
    if (!reduces(i)) dims.push_back(in[0].shape[i]);
  return {{Shape(std::move(dims)), in[0].dtype}};
}

RowMap ReduceOp::rows(const Node& node) const {
  return node.inputs[0].rank() > 0 && !reduces(0) ? RowMap::each(node) : RowMap{};
}

double ReduceOp::flops(const Node& node) const { return static_cast<double>(node.inputs[0].shape().count()); }

Values SumOp::gradient(const GradientContext& g) const {
  const Shape& shape = g.inputs[0].shape();
  return {broadcast_to(reshape(g.output_gradients[0], kept(shape, axes())), shape)};
}

void SumOp::define(const Views& in, const Views& out) const {
  visit(in[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    // Sums are carried in double so that the definition does not depend on the order of its loops.
    std::vector<double> total(static_cast<size_t>(out[0].count()), 0.0);
    for_each(in[0].shape(), *this,
             [&](int64_t from, int64_t to) { total[to] += static_cast<double>(in[0].as<T>()[from]); });
    for (size_t i = 0; i < total.size(); ++i) out[0].as<T>()[i] = static_cast<T>(total[i]);
  });
}

Values MaxOp::gradient(const GradientContext& g) const {
  const Shape& shape = g.inputs[0].shape();
  const Shape small = kept(shape, axes());
  const Value largest = equal(g.inputs[0], reshape(g.outputs[0], small));
  const Value share = largest / reshape(sum(largest, axes()), small);
  return {reshape(g.output_gradients[0], small) * share};
}

void MaxOp::define(const Views& in, const Views& out) const {
  visit(in[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    T* y = out[0].as<T>();
    std::vector<char> seen(static_cast<size_t>(out[0].count()), 0);
    for_each(in[0].shape(), *this, [&](int64_t from, int64_t to) {
      const T x = in[0].as<T>()[from];
      if (!seen[to] || x > y[to] || x != x) y[to] = x;
      seen[to] = 1;
    });
  });
}

Types ArgMaxOp::infer(const Types& in) const {
  if (in[0].shape.rank() == 0) throw Error("argmax: expected at least 1 dimension, got a scalar");
  return {{in[0].shape.without(-1), DType::int32}};
}

void ArgMaxOp::define(const Views& in, const Views& out) const {
  const int64_t n = in[0].shape()[-1];
  visit(in[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    for (int64_t r = 0; r < out[0].count(); ++r) {
      const T* row = in[0].as<T>() + r * n;
      int32_t best = 0;
      for (int64_t i = 1; i < n; ++i)
        if (row[i] > row[best] || (row[i] != row[i] && row[best] == row[best]))
          best = static_cast<int32_t>(i);
      out[0].as<int32_t>()[r] = best;
    }
  });
}

Value sum(const Value& x, std::vector<int> axes, bool keepdims) {
  return reduce<SumOp>(x, std::move(axes), keepdims, "sum");
}
Value max(const Value& x, std::vector<int> axes, bool keepdims) {
  return reduce<MaxOp>(x, std::move(axes), keepdims, "max");
}

Value mean(const Value& x, std::vector<int> axes, bool keepdims) {
  axes = normalized(std::move(axes), x.rank(), "mean");
  int64_t n = 1;
  for (int axis : axes) n *= x.shape()[axis];
  // With an unknown dimension only the shape matters: the graph is traced again before it runs.
  return sum(x, axes, keepdims) * (n > 0 ? 1.0 / static_cast<double>(n) : 1.0);
}

Value argmax(const Value& x) { return apply_one(std::make_shared<ArgMaxOp>(), {x}); }

}  // namespace folio
