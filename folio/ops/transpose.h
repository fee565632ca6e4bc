// Dimensions in another order.
#pragma once
#include "folio/graph/op.h"

namespace folio {

class TransposeOp final : public Op {
 public:
  explicit TransposeOp(std::vector<int> order) : order_(std::move(order)) {}
  const std::vector<int>& order() const { return order_; }
  std::string name() const override { return "Transpose"; }
  std::string attributes() const override;
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override {
    return !order_.empty() && order_[0] == 0 ? RowMap::each(node) : RowMap{};
  }

 private:
  std::vector<int> order_;
};

/// Dimension i of the result is dimension order[i] of x; without an order all are reversed.
Value transpose(const Value& x, std::vector<int> order = {});

}  // namespace folio
