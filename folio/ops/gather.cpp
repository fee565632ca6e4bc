#include "folio/ops/gather.h"

#include <algorithm>
#include <limits>

#include "folio/base/error.h"

namespace folio {
namespace {

void check_ids(const TensorType& ids, const char* op) {
  if (ids.dtype != DType::int32 && ids.dtype != DType::int64)
    throw Error(std::string(op) + ": expected ids of type int32 or int64, got " + to_string(ids) +
                "; cast them first");
}

void check_floating(const TensorType& values, const char* op) {
  if (!is_floating(values.dtype))
    throw Error(std::string(op) + ": expected floating-point numbers, got " + to_string(values));
}

// Calls body(place, id) for every id.
template <class Body>
void for_each_id(const View& ids, Body&& body) {
  visit(ids.type.dtype, [&](auto t) {
    const auto* numbers = ids.as<decltype(t)>();
    for (int64_t i = 0, n = ids.count(); i < n; ++i) body(i, static_cast<int64_t>(numbers[i]));
  });
}

}  // namespace

Types GatherOp::infer(const Types& in) const {
  if (in[0].shape.rank() == 0) throw Error("gather: expected a table of rows, got " + to_string(in[0]));
  check_ids(in[1], "gather");
  return {{in[1].shape.joined(in[0].shape.from(1)), in[0].dtype}};
}

Values GatherOp::gradient(const GradientContext& g) const {
  return {scatter_add(g.output_gradients[0], g.inputs[1], g.inputs[0].shape()[0]), Value()};
}

void GatherOp::define(const Views& in, const Views& out) const {
  const Shape& table = in[0].shape();
  const int64_t rows = table[0], width = table.count(1, table.rank());
  visit(out[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    for_each_id(in[1], [&](int64_t place, int64_t id) {
      T* to = out[0].as<T>() + place * width;
      for (int64_t c = 0; c < width; ++c)
        to[c] = id >= 0 && id < rows ? in[0].as<T>()[id * width + c] : std::numeric_limits<T>::quiet_NaN();
    });
  });
}

Types ScatterAddOp::infer(const Types& in) const {
  check_floating(in[0], "scatter_add");
  check_ids(in[1], "scatter_add");
  const Shape &values = in[0].shape, &ids = in[1].shape;
  Shape lead = values;
  while (lead.rank() > ids.rank()) lead = lead.without(-1);
  if (lead.rank() != ids.rank() || !compatible(lead, ids))
    throw Error("scatter_add: values of " + to_string(values) + " do not begin with the shape of the ids, " +
                to_string(ids));
  return {{Shape{rows_}.joined(values.from(ids.rank())), in[0].dtype}};
}

Values ScatterAddOp::gradient(const GradientContext& g) const {
  return {gather(g.output_gradients[0], g.inputs[1]), Value()};
}

void ScatterAddOp::define(const Views& in, const Views& out) const {
  const Shape& sums = out[0].shape();
  const int64_t width = sums.count(1, sums.rank());
  visit(out[0].type.dtype, [&](auto t) {
    using T = decltype(t);
    std::fill_n(out[0].as<T>(), sums.count(), T(0));
    for_each_id(in[1], [&](int64_t place, int64_t id) {
      if (id < 0 || id >= rows_) return;
      for (int64_t c = 0; c < width; ++c) out[0].as<T>()[id * width + c] += in[0].as<T>()[place * width + c];
    });
  });
}

double ScatterAddOp::flops(const Node& node) const {
  return static_cast<double>(node.inputs[0].shape().count());
}

Value gather(const Value& table, const Value& ids) {
  return apply_one(std::make_shared<GatherOp>(), {table, ids});
}

Value scatter_add(const Value& values, const Value& ids, int64_t rows) {
  return apply_one(std::make_shared<ScatterAddOp>(rows), {values, ids});
}

}  // namespace folio
