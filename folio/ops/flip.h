// A value turned round along one dimension.
#pragma once
#include "folio/graph/op.h"

namespace folio {

/// Element i along the dimension is element n - 1 - i of x. It is its own inverse, and so is its gradient.
class FlipOp final : public Op {
 public:
  explicit FlipOp(int axis) : axis_(axis) {}
  std::string name() const override { return "Flip"; }
  std::string attributes() const override { return "axis " + std::to_string(axis_); }
  Types infer(const Types& in) const override { return {in[0]}; }
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override { return axis_ != 0 ? RowMap::each(node) : RowMap{}; }
  int axis() const { return axis_; }

 private:
  int axis_;
};

/// x turned round along `axis`; negative ones count from the end. Of a value that was turned round so, that
/// value.
Value flip(const Value& x, int axis);

}  // namespace folio
