// Sums, means and maxima over dimensions.
#pragma once
#include "folio/graph/op.h"

namespace folio {

/// What reductions have in common: the dimensions they run over, ascending, counted from the front.
class ReduceOp : public Op {
 public:
  explicit ReduceOp(std::vector<int> axes) : axes_(std::move(axes)) {}
  const std::vector<int>& axes() const { return axes_; }
  std::string attributes() const override;
  Types infer(const Types& in) const override;
  RowMap rows(const Node& node) const override;
  double flops(const Node& node) const override;
  /// True when dimension `axis` is summed away.
  bool reduces(int axis) const;

 private:
  std::vector<int> axes_;
};

class SumOp final : public ReduceOp {
 public:
  using ReduceOp::ReduceOp;
  std::string name() const override { return "Sum"; }
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
};

class MaxOp final : public ReduceOp {
 public:
  using ReduceOp::ReduceOp;
  std::string name() const override { return "Max"; }
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
};

/// Place of the first largest element along the last dimension. x: (..., n) -> int32 (...)
class ArgMaxOp final : public Op {
 public:
  std::string name() const override { return "ArgMax"; }
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext&) const override { return {Value()}; }
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override {
    return node.outputs[0].shape.rank() > 0 ? RowMap::each(node) : RowMap{};
  }
};

/// Negative axes count from the end; no axes means all. `keepdims` leaves dimensions of 1 behind.
Value sum(const Value& x, std::vector<int> axes = {}, bool keepdims = false);
Value mean(const Value& x, std::vector<int> axes = {}, bool keepdims = false);
/// The gradient goes to the largest elements in equal parts.
Value max(const Value& x, std::vector<int> axes = {}, bool keepdims = false);
Value argmax(const Value& x);

}  // namespace folio
