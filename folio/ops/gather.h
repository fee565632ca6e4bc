// Rows of a table by number, and their gradient.
#pragma once
#include "folio/graph/op.h"

namespace folio {

/// table: (n, …) of any type, ids: whole numbers of any shape -> (ids…, …), row ids[i] of the table at place
/// i. An id outside 0 … n - 1 gives a row of NaN, of 0 where the type has none: nothing else is read, and the
/// mistake shows.
class GatherOp final : public Op {
 public:
  std::string name() const override { return "Gather"; }
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override {
    return {.apart = node.inputs[1].rank() > 0, .aligned = {false, true}};
  }
};

/// values: (ids…, …), ids -> (rows, …): each value is added to the row that its id names. Values whose id is
/// outside are left out.
class ScatterAddOp final : public Op {
 public:
  explicit ScatterAddOp(int64_t rows) : rows_(rows) {}
  std::string name() const override { return "ScatterAdd"; }
  std::string attributes() const override { return std::to_string(rows_) + " rows"; }
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  double flops(const Node& node) const override;

 private:
  int64_t rows_;
};

Value gather(const Value& table, const Value& ids);
Value scatter_add(const Value& values, const Value& ids, int64_t rows);

}  // namespace folio
