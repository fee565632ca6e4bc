#include "folio/ops/reshape.h"

#include <cstring>

#include "folio/base/error.h"
#include "folio/ops/elementwise.h"

namespace folio {

Types ReshapeOp::infer(const Types& in) const {
  const Shape& from = in[0].shape;
  Shape to = shape_;
  int open = -1;
  int64_t rest = 1;
  for (int i = 0; i < to.rank(); ++i) {
    if (to[i] != kUnknown)
      rest *= to[i];
    else if (open >= 0) {
      // Two unknown dimensions can only stand for themselves.
      if (from.known()) throw Error("reshape: " + to_string(shape_) + " leaves more than one dimension open");
      return {{to, in[0].dtype}};
    } else {
      open = i;
    }
  }
  if (!from.known()) return {{to, in[0].dtype}};
  const int64_t count = from.count();
  if (open >= 0 && rest > 0 && count % rest == 0) to[open] = count / rest;
  if (!to.known() || to.count() != count)
    throw Error("reshape: " + to_string(from) + " has " + std::to_string(count) +
                " elements, which do not fit " + to_string(shape_));
  return {{to, in[0].dtype}};
}

Values ReshapeOp::gradient(const GradientContext& g) const {
  return {reshape(g.output_gradients[0], g.inputs[0].shape())};
}

void ReshapeOp::define(const Views& in, const Views& out) const {
  std::memcpy(out[0].data, in[0].data, static_cast<size_t>(in[0].count() * size_of(in[0].type.dtype)));
}

RowMap ReshapeOp::rows(const Node& node) const {
  const Shape &from = node.inputs[0].shape(), &to = node.outputs[0].shape;
  return from.rank() > 0 && to.rank() > 0 && from[0] == to[0] ? RowMap::each(node) : RowMap{};
}

Types BroadcastOp::infer(const Types& in) const {
  if (broadcast(in[0].shape, shape_, "Broadcast") != shape_)
    throw Error("broadcast: " + to_string(in[0].shape) + " cannot be stretched to " + to_string(shape_));
  return {{shape_, in[0].dtype}};
}

Values BroadcastOp::gradient(const GradientContext& g) const {
  return {sum_to(g.output_gradients[0], g.inputs[0].shape())};
}

void BroadcastOp::define(const Views& in, const Views& out) const {
  const Shape &from = in[0].shape(), &to = out[0].shape();
  const int64_t size = size_of(in[0].type.dtype);
  for (int64_t e = 0, n = to.count(); e < n; ++e) {
    int64_t rest = e, at = 0, stride = 1;
    for (int d = to.rank() - 1, f = from.rank() - 1; d >= 0; --d, --f) {
      const int64_t place = rest % to[d];
      rest /= to[d];
      if (f < 0) continue;
      if (from[f] != 1) at += place * stride;
      stride *= from[f];
    }
    std::memcpy(static_cast<char*>(out[0].data) + e * size, static_cast<const char*>(in[0].data) + at * size,
                static_cast<size_t>(size));
  }
}

Value reshape(const Value& x, Shape shape) {
  if (x.shape() == shape && shape.known()) return x;
  return apply_one(std::make_shared<ReshapeOp>(std::move(shape)), {x});
}

Value flatten(const Value& x) {
  int64_t features = 1;
  for (int i = 1; i < x.rank(); ++i) {
    if (x.shape()[i] == kUnknown) features = kUnknown;
    if (features != kUnknown) features *= x.shape()[i];
  }
  return reshape(x, {x.shape()[0], features});
}

Value broadcast_to(const Value& x, const Shape& shape) {
  if (x.shape() == shape) return x;
  return apply_one(std::make_shared<BroadcastOp>(shape), {x});
}

}  // namespace folio
