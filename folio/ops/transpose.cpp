#include "folio/ops/transpose.h"

#include <cstring>

#include "folio/base/error.h"

namespace folio {

std::string TransposeOp::attributes() const {
  std::string text;
  for (int axis : order_) text += (text.empty() ? "" : " ") + std::to_string(axis);
  return text;
}

Types TransposeOp::infer(const Types& in) const {
  const Shape& from = in[0].shape;
  std::vector<char> seen(order_.size(), 0);
  Shape to = from;
  bool good = static_cast<int>(order_.size()) == from.rank();
  for (int i = 0; good && i < from.rank(); ++i) {
    good = order_[i] >= 0 && order_[i] < from.rank() && !seen[order_[i]];
    if (good) seen[order_[i]] = 1, to[i] = from[order_[i]];
  }
  if (!good)
    throw Error("transpose: order (" + attributes() + ") does not name each dimension of " + to_string(from) +
                " once");
  return {{to, in[0].dtype}};
}

Values TransposeOp::gradient(const GradientContext& g) const {
  std::vector<int> back(order_.size());
  for (size_t i = 0; i < order_.size(); ++i) back[order_[i]] = static_cast<int>(i);
  return {transpose(g.output_gradients[0], back)};
}

void TransposeOp::define(const Views& in, const Views& out) const {
  const Shape &from = in[0].shape(), &to = out[0].shape();
  const int64_t size = size_of(in[0].type.dtype);
  for (int64_t e = 0, n = to.count(); e < n; ++e) {
    int64_t rest = e, at = 0;
    for (int d = to.rank() - 1; d >= 0; --d) {
      at += rest % to[d] * from.count(order_[d] + 1, from.rank());
      rest /= to[d];
    }
    std::memcpy(static_cast<char*>(out[0].data) + e * size, static_cast<const char*>(in[0].data) + at * size,
                static_cast<size_t>(size));
  }
}

Value transpose(const Value& x, std::vector<int> order) {
  if (order.empty())
    for (int i = x.rank() - 1; i >= 0; --i) order.push_back(i);
  return apply_one(std::make_shared<TransposeOp>(std::move(order)), {x});
}

}  // namespace folio
