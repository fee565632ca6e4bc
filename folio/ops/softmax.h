// Softmax along the last dimension.
#pragma once
#include "folio/graph/op.h"

namespace folio {

/// exp(x) / sum(exp(x)), computed after subtracting the largest element. (sheet C1)
class SoftmaxOp final : public Op {
 public:
  std::string name() const override { return "Softmax"; }
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override {
    return node.outputs[0].shape.rank() > 1 ? RowMap::each(node) : RowMap{};
  }
  double flops(const Node& node) const override {
    return 4.0 * static_cast<double>(node.outputs[0].shape.count());
  }
};

/// The gradient of a softmax y whose own gradient is dy: y * (dy - sum(dy * y)), along the last dimension.
class SoftmaxGradientOp final : public Op {
 public:
  std::string name() const override { return "SoftmaxGradient"; }
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override {
    return node.outputs[0].shape.rank() > 1 ? RowMap::each(node) : RowMap{};
  }
  double flops(const Node& node) const override {
    return 4.0 * static_cast<double>(node.outputs[0].shape.count());
  }
};

/// x - log(sum(exp(x))), without overflow.
class LogSoftmaxOp final : public Op {
 public:
  std::string name() const override { return "LogSoftmax"; }
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override {
    return node.outputs[0].shape.rank() > 1 ? RowMap::each(node) : RowMap{};
  }
  double flops(const Node& node) const override {
    return 4.0 * static_cast<double>(node.outputs[0].shape.count());
  }
};

Value softmax(const Value& x);
Value log_softmax(const Value& x);

}  // namespace folio
