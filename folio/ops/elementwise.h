// Element by element ops, with broadcasting as in NumPy. A new one is a row here: a formula and its
// derivative.
#pragma once
#include "folio/graph/op.h"

namespace folio {

/// Common to all element by element ops: shapes broadcast, types equal, loops over elements.
class ElementwiseOp : public Op {
 public:
  Types infer(const Types& inputs) const override;
  RowMap rows(const Node& node) const override { return RowMap::stretched(node); }
  double flops(const Node& node) const override;
  virtual int arity() const = 0;
  /// The formula on doubles, for folding constants.
  virtual double evaluate(const double* arguments) const = 0;
};

/// True for ops that cost no more than reading and writing a value.
bool cheap(const Op& op);

/// One of each, for tests and for finding an op by name.
const std::vector<std::shared_ptr<const ElementwiseOp>>& elementwise_ops();

/// NumPy's broadcasting; throws `Error` naming `op` when the shapes do not fit.
Shape broadcast(const Shape& a, const Shape& b, const std::string& op);
/// Sums `value` over the dimensions that broadcasting `shape` to the value's shape had stretched.
Value sum_to(const Value& value, const Shape& shape);

// Of one value.
Value operator-(const Value& x);
Value abs(const Value& x);
/// -1, 0 or 1.
Value sign(const Value& x);
Value square(const Value& x);
Value sqrt(const Value& x);
/// 1 / sqrt(x)
Value rsqrt(const Value& x);
Value reciprocal(const Value& x);
Value exp(const Value& x);
/// exp(x) - 1, exact near 0
Value expm1(const Value& x);
Value log(const Value& x);
/// log(1 + x), exact near 0
Value log1p(const Value& x);
Value sin(const Value& x);
Value cos(const Value& x);
Value tanh(const Value& x);
/// 1 / (1 + exp(-x))
Value sigmoid(const Value& x);
Value erf(const Value& x);
/// max(x, 0)
Value relu(const Value& x);
/// log(1 + exp(x)), without overflow
Value softplus(const Value& x);
Value floor(const Value& x);
/// To the nearest whole number, halves to even.
Value round(const Value& x);

// Of two values.
Value operator+(const Value& a, const Value& b);
Value operator-(const Value& a, const Value& b);
Value operator*(const Value& a, const Value& b);
Value operator/(const Value& a, const Value& b);
/// NaN when either is NaN. Where both are equal each gets half of the gradient.
Value maximum(const Value& a, const Value& b);
Value minimum(const Value& a, const Value& b);
Value pow(const Value& a, const Value& b);
/// Comparisons give 1 or 0 in the type of their operands.
Value operator<(const Value& a, const Value& b);
Value operator<=(const Value& a, const Value& b);
Value operator>(const Value& a, const Value& b);
Value operator>=(const Value& a, const Value& b);
Value equal(const Value& a, const Value& b);
Value not_equal(const Value& a, const Value& b);

/// condition != 0 ? a : b
Value select(const Value& condition, const Value& a, const Value& b);

// With numbers, which take the type of the value.
Value operator+(const Value& a, double b);
Value operator+(double a, const Value& b);
Value operator-(const Value& a, double b);
Value operator-(double a, const Value& b);
Value operator*(const Value& a, double b);
Value operator*(double a, const Value& b);
Value operator/(const Value& a, double b);
Value operator/(double a, const Value& b);
Value maximum(const Value& a, double b);
Value minimum(const Value& a, double b);
Value pow(const Value& a, double b);
Value operator<(const Value& a, double b);
Value operator<=(const Value& a, double b);
Value operator>(const Value& a, double b);
Value operator>=(const Value& a, double b);
Value equal(const Value& a, double b);

/// Passes `x` on, and no gradient back.
Value stop_gradient(const Value& x);

}  // namespace folio
