// The same elements in another shape, and values stretched over new dimensions.
#pragma once
#include "folio/graph/op.h"

namespace folio {

/// One dimension of the new shape may be -1: it takes what is left.
class ReshapeOp final : public Op {
 public:
  explicit ReshapeOp(Shape shape) : shape_(std::move(shape)) {}
  std::string name() const override { return "Reshape"; }
  std::string attributes() const override { return to_string(shape_); }
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override;

 private:
  Shape shape_;
};

class BroadcastOp final : public Op {
 public:
  explicit BroadcastOp(Shape shape) : shape_(std::move(shape)) {}
  std::string name() const override { return "Broadcast"; }
  std::string attributes() const override { return to_string(shape_); }
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override { return RowMap::stretched(node); }

 private:
  Shape shape_;
};

Value reshape(const Value& x, Shape shape);
/// (batch, a, b, …) -> (batch, a·b·…)
Value flatten(const Value& x);
/// Stretches dimensions of 1, and adds dimensions in front, as NumPy does.
Value broadcast_to(const Value& x, const Shape& shape);

}  // namespace folio
