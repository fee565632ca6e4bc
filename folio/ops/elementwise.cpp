#include "folio/ops/elementwise.h"

#include <cmath>

#include "folio/base/error.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

// Calls body(output index, index into each input) for every element; inputs of dimension 1 are stretched.
template <int kArity, class Body>
void for_each_element(const Shape& shape, const Views& inputs, Body&& body) {
  const int rank = shape.rank();
  std::vector<int64_t> strides[kArity];
  for (int i = 0; i < kArity; ++i) {
    strides[i].assign(static_cast<size_t>(rank), 0);
    const Shape& from = inputs[i].shape();
    int64_t stride = 1;
    for (int d = from.rank() - 1; d >= 0; --d) {
      if (from[d] != 1) strides[i][d + rank - from.rank()] = stride;
      stride *= from[d];
    }
  }
  std::vector<int64_t> place(static_cast<size_t>(rank), 0);
  int64_t at[kArity] = {};
  const int64_t count = shape.count();
  for (int64_t e = 0; e < count; ++e) {
    body(e, at);
    for (int d = rank - 1; d >= 0; --d) {
      for (int i = 0; i < kArity; ++i) at[i] += strides[i][d];
      if (++place[d] < shape[d]) break;
      for (int i = 0; i < kArity; ++i) at[i] -= strides[i][d] * shape[d];
      place[d] = 0;
    }
  }
}

/// A gradient rule sees dy, the output y and the inputs, and may ignore broadcasting: the op sums what was
/// stretched.
struct Rule {
  const Value &dy, &y, &a, &b, &c;
};

template <class Formula>
class ElementwiseOf final : public ElementwiseOp {
 public:
  std::string name() const override { return Formula::kName; }
  int arity() const override { return Formula::kArity; }

  void define(const Views& in, const Views& out) const override {
    visit(out[0].type.dtype, [&](auto t) {
      using T = decltype(t);
      if constexpr (std::is_floating_point_v<T>) {
        loop<T>(in, out);
      } else if constexpr (std::is_integral_v<T> && !std::is_same_v<T, bool>) {
        if constexpr (Formula::kIntegers)
          loop<T>(in, out);
        else
          throw Error("op " + name() + ": expected floating-point values, got " +
                      to_string(out[0].type.dtype) + "; cast them first");
      } else {
        throw Error("op " + name() + ": expected numbers, got bool; cast them first");
      }
    });
  }

  double evaluate(const double* x) const override {
    if constexpr (Formula::kArity == 1)
      return Formula::of(x[0]);
    else if constexpr (Formula::kArity == 2)
      return Formula::of(x[0], x[1]);
    else
      return Formula::of(x[0], x[1], x[2]);
  }

  Values gradient(const GradientContext& g) const override {
    const Values& in = g.inputs;
    Values result = Formula::gradient(Rule{g.output_gradients[0], g.outputs[0], in[0],
                                           in[in.size() > 1 ? 1 : 0], in[in.size() > 2 ? 2 : 0]});
    for (size_t i = 0; i < result.size(); ++i)
      if (result[i].defined()) result[i] = sum_to(result[i], in[i].shape());
    return result;
  }

 private:
  template <class T>
  static void loop(const Views& in, const Views& out) {
    T* y = out[0].as<T>();
    for_each_element<Formula::kArity>(out[0].shape(), in, [&](int64_t e, const int64_t* at) {
      if constexpr (Formula::kArity == 1)
        y[e] = static_cast<T>(Formula::of(in[0].as<T>()[at[0]]));
      else if constexpr (Formula::kArity == 2)
        y[e] = static_cast<T>(Formula::of(in[0].as<T>()[at[0]], in[1].as<T>()[at[1]]));
      else
        y[e] = static_cast<T>(Formula::of(in[0].as<T>()[at[0]], in[1].as<T>()[at[1]], in[2].as<T>()[at[2]]));
    });
  }
};

struct Unary {
  static constexpr int kArity = 1;
  static constexpr bool kIntegers = false;
};
struct Binary {
  static constexpr int kArity = 2;
  static constexpr bool kIntegers = true;
};
struct Comparison : Binary {
  static Values gradient(const Rule&) { return {Value(), Value()}; }
};

// The rows: name, formula in any element type, gradient.
struct Negate : Unary {
  static constexpr auto kName = "Negate";
  static constexpr bool kIntegers = true;
  template <class T>
  static T of(T x) {
    return -x;
  }
  static Values gradient(const Rule& r) { return {-r.dy}; }
};
struct Absolute : Unary {
  static constexpr auto kName = "Absolute";
  template <class T>
  static T of(T x) {
    return std::abs(x);
  }
  static Values gradient(const Rule& r) { return {r.dy * sign(r.a)}; }
};
struct Sign : Unary {
  static constexpr auto kName = "Sign";
  template <class T>
  static T of(T x) {
    return x > 0 ? T(1) : x < 0 ? T(-1) : x;
  }
  static Values gradient(const Rule&) { return {Value()}; }
};
struct Square : Unary {
  static constexpr auto kName = "Square";
  static constexpr bool kIntegers = true;
  template <class T>
  static T of(T x) {
    return x * x;
  }
  static Values gradient(const Rule& r) { return {r.dy * (2.0 * r.a)}; }
};
struct SquareRoot : Unary {
  static constexpr auto kName = "SquareRoot";
  template <class T>
  static T of(T x) {
    return std::sqrt(x);
  }
  static Values gradient(const Rule& r) { return {0.5 * r.dy / r.y}; }
};
struct ReciprocalSquareRoot : Unary {
  static constexpr auto kName = "ReciprocalSquareRoot";
  template <class T>
  static T of(T x) {
    return T(1) / std::sqrt(x);
  }
  static Values gradient(const Rule& r) { return {-0.5 * r.dy * r.y * r.y * r.y}; }
};
struct Reciprocal : Unary {
  static constexpr auto kName = "Reciprocal";
  template <class T>
  static T of(T x) {
    return T(1) / x;
  }
  static Values gradient(const Rule& r) { return {-(r.dy * r.y * r.y)}; }
};
struct Exponential : Unary {
  static constexpr auto kName = "Exponential";
  template <class T>
  static T of(T x) {
    return std::exp(x);
  }
  static Values gradient(const Rule& r) { return {r.dy * r.y}; }
};
struct ExponentialMinusOne : Unary {
  static constexpr auto kName = "ExponentialMinusOne";
  template <class T>
  static T of(T x) {
    return std::expm1(x);
  }
  static Values gradient(const Rule& r) { return {r.dy * (r.y + 1.0)}; }
};
struct Logarithm : Unary {
  static constexpr auto kName = "Logarithm";
  template <class T>
  static T of(T x) {
    return std::log(x);
  }
  static Values gradient(const Rule& r) { return {r.dy / r.a}; }
};
struct LogarithmOnePlus : Unary {
  static constexpr auto kName = "LogarithmOnePlus";
  template <class T>
  static T of(T x) {
    return std::log1p(x);
  }
  static Values gradient(const Rule& r) { return {r.dy / (r.a + 1.0)}; }
};
struct Sine : Unary {
  static constexpr auto kName = "Sine";
  template <class T>
  static T of(T x) {
    return std::sin(x);
  }
  static Values gradient(const Rule& r) { return {r.dy * cos(r.a)}; }
};
struct Cosine : Unary {
  static constexpr auto kName = "Cosine";
  template <class T>
  static T of(T x) {
    return std::cos(x);
  }
  static Values gradient(const Rule& r) { return {-(r.dy * sin(r.a))}; }
};
struct Tanh : Unary {
  static constexpr auto kName = "Tanh";
  template <class T>
  static T of(T x) {
    return std::tanh(x);
  }
  static Values gradient(const Rule& r) { return {r.dy * (1.0 - r.y * r.y)}; }
};
struct Sigmoid : Unary {
  static constexpr auto kName = "Sigmoid";
  template <class T>
  static T of(T x) {
    return x >= 0 ? T(1) / (T(1) + std::exp(-x)) : std::exp(x) / (T(1) + std::exp(x));
  }
  static Values gradient(const Rule& r) { return {r.dy * (r.y * (1.0 - r.y))}; }
};
struct ErrorFunction : Unary {
  static constexpr auto kName = "ErrorFunction";
  template <class T>
  static T of(T x) {
    return std::erf(x);
  }
  static Values gradient(const Rule& r) { return {r.dy * (1.1283791670955126 * exp(-square(r.a)))}; }
};
struct Relu : Unary {
  static constexpr auto kName = "Relu";
  template <class T>
  static T of(T x) {
    return x < 0 ? T(0) : x;
  }
  static Values gradient(const Rule& r) { return {r.dy * (r.y > 0.0)}; }
};
struct Softplus : Unary {
  static constexpr auto kName = "Softplus";
  template <class T>
  static T of(T x) {
    return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
  }
  static Values gradient(const Rule& r) { return {r.dy * sigmoid(r.a)}; }
};
struct Floor : Unary {
  static constexpr auto kName = "Floor";
  template <class T>
  static T of(T x) {
    return std::floor(x);
  }
  static Values gradient(const Rule&) { return {Value()}; }
};
struct Round : Unary {
  static constexpr auto kName = "Round";
  template <class T>
  static T of(T x) {
    return std::nearbyint(x);
  }
  static Values gradient(const Rule&) { return {Value()}; }
};

struct Add : Binary {
  static constexpr auto kName = "Add";
  template <class T>
  static T of(T a, T b) {
    return a + b;
  }
  static Values gradient(const Rule& r) { return {r.dy, r.dy}; }
};
struct Subtract : Binary {
  static constexpr auto kName = "Subtract";
  template <class T>
  static T of(T a, T b) {
    return a - b;
  }
  static Values gradient(const Rule& r) { return {r.dy, -r.dy}; }
};
struct Multiply : Binary {
  static constexpr auto kName = "Multiply";
  template <class T>
  static T of(T a, T b) {
    return a * b;
  }
  static Values gradient(const Rule& r) { return {r.dy * r.b, r.dy * r.a}; }
};
struct Divide : Binary {
  static constexpr auto kName = "Divide";
  static constexpr bool kIntegers = false;
  template <class T>
  static T of(T a, T b) {
    return a / b;
  }
  static Values gradient(const Rule& r) { return {r.dy / r.b, -(r.dy * r.y / r.b)}; }
};
struct Maximum : Binary {
  static constexpr auto kName = "Maximum";
  template <class T>
  static T of(T a, T b) {
    return a > b || a != a ? a : b;
  }
  static Values gradient(const Rule& r) {
    return {r.dy * (0.5 * ((r.a > r.b) + (r.a >= r.b))), r.dy * (0.5 * ((r.b > r.a) + (r.b >= r.a)))};
  }
};
struct Minimum : Binary {
  static constexpr auto kName = "Minimum";
  template <class T>
  static T of(T a, T b) {
    return a < b || a != a ? a : b;
  }
  static Values gradient(const Rule& r) {
    return {r.dy * (0.5 * ((r.a < r.b) + (r.a <= r.b))), r.dy * (0.5 * ((r.b < r.a) + (r.b <= r.a)))};
  }
};
struct Power : Binary {
  static constexpr auto kName = "Power";
  static constexpr bool kIntegers = false;
  template <class T>
  static T of(T a, T b) {
    return std::pow(a, b);
  }
  static Values gradient(const Rule& r) {
    // log of a non-positive base has no meaning; its exponent's gradient is then taken as 0, as Keras does.
    const Value safe = select(r.a > 0.0, r.a, constant(1, r.a.dtype()));
    return {r.dy * (r.b * pow(r.a, r.b - 1.0)), r.dy * r.y * log(safe)};
  }
};
struct Less : Comparison {
  static constexpr auto kName = "Less";
  template <class T>
  static T of(T a, T b) {
    return T(a < b);
  }
};
struct LessEqual : Comparison {
  static constexpr auto kName = "LessEqual";
  template <class T>
  static T of(T a, T b) {
    return T(a <= b);
  }
};
struct Greater : Comparison {
  static constexpr auto kName = "Greater";
  template <class T>
  static T of(T a, T b) {
    return T(a > b);
  }
};
struct GreaterEqual : Comparison {
  static constexpr auto kName = "GreaterEqual";
  template <class T>
  static T of(T a, T b) {
    return T(a >= b);
  }
};
struct Equal : Comparison {
  static constexpr auto kName = "Equal";
  template <class T>
  static T of(T a, T b) {
    return T(a == b);
  }
};
struct NotEqual : Comparison {
  static constexpr auto kName = "NotEqual";
  template <class T>
  static T of(T a, T b) {
    return T(a != b);
  }
};
struct Select {
  static constexpr auto kName = "Select";
  static constexpr int kArity = 3;
  static constexpr bool kIntegers = true;
  template <class T>
  static T of(T condition, T a, T b) {
    return condition != 0 ? a : b;
  }
  static Values gradient(const Rule& r) {
    const Value zero = constant(0, r.dy.dtype());
    return {Value(), select(r.a, r.dy, zero), select(r.a, zero, r.dy)};
  }
};

template <class Formula>
const std::shared_ptr<const ElementwiseOp>& op() {
  static const std::shared_ptr<const ElementwiseOp> instance = std::make_shared<ElementwiseOf<Formula>>();
  return instance;
}
template <class Formula, class... Inputs>
Value make(const Inputs&... inputs) {
  return apply_one(op<Formula>(), {inputs...});
}
template <class... Formulas>
std::vector<std::shared_ptr<const ElementwiseOp>> all() {
  return {op<Formulas>()...};
}

class StopGradient final : public Op {
 public:
  std::string name() const override { return "StopGradient"; }
  Types infer(const Types& in) const override { return {in[0]}; }
  Values gradient(const GradientContext&) const override { return {Value()}; }
  void define(const Views& in, const Views& out) const override {
    visit(out[0].type.dtype, [&](auto t) {
      using T = decltype(t);
      for (int64_t i = 0; i < out[0].count(); ++i) out[0].as<T>()[i] = in[0].as<T>()[i];
    });
  }
  RowMap rows(const Node& node) const override { return RowMap::stretched(node); }
};

}  // namespace

const std::vector<std::shared_ptr<const ElementwiseOp>>& elementwise_ops() {
  static const auto ops =
      all<Negate, Absolute, Sign, Square, SquareRoot, ReciprocalSquareRoot, Reciprocal, Exponential,
          ExponentialMinusOne, Logarithm, LogarithmOnePlus, Sine, Cosine, Tanh, Sigmoid, ErrorFunction, Relu,
          Softplus, Floor, Round, Add, Subtract, Multiply, Divide, Maximum, Minimum, Power, Less, LessEqual,
          Greater, GreaterEqual, Equal, NotEqual, Select>();
  return ops;
}

bool cheap(const Op& op) {
  for (const char* name :
       {"Negate", "Absolute", "Sign", "Square", "Relu", "Add", "Subtract", "Multiply", "Maximum", "Minimum",
        "Less", "LessEqual", "Greater", "GreaterEqual", "Equal", "NotEqual"})
    if (op.name() == name) return true;
  return false;
}

Shape broadcast(const Shape& a, const Shape& b, const std::string& op) {
  const Shape &longer = a.rank() >= b.rank() ? a : b, &shorter = a.rank() >= b.rank() ? b : a;
  Shape result = longer;
  for (int i = 1; i <= shorter.rank(); ++i) {
    const int64_t x = longer[-i], y = shorter[-i];
    if (x == y || y == 1) continue;
    if (x != 1 && x != kUnknown && y != kUnknown)
      throw Error("op " + op + ": shapes " + to_string(a) + " and " + to_string(b) +
                  " do not fit; their last dimensions must be equal or 1");
    result[-i] = x == 1 || x == kUnknown ? y : x;
  }
  return result;
}

Value sum_to(const Value& value, const Shape& shape) {
  if (value.shape() == shape) return value;
  std::vector<int> axes;
  const int extra = value.rank() - shape.rank();
  for (int i = 0; i < value.rank(); ++i)
    if (i < extra || (shape[i - extra] == 1 && value.shape()[i] != 1)) axes.push_back(i);
  // A gradient may come back smaller than its value (a scalar for a stretched value): stretch it.
  if (extra < 0 || axes.empty()) return broadcast_to(value, shape);
  const Value total = sum(value, axes, false);
  return total.shape() == shape ? total : reshape(total, shape);
}

Types ElementwiseOp::infer(const Types& in) const {
  TensorType type = in[0];
  for (size_t i = 1; i < in.size(); ++i) {
    if (in[i].dtype != type.dtype)
      throw Error("op " + name() + ": operands are of type " + to_string(type.dtype) + " and " +
                  to_string(in[i].dtype) + "; cast one of them");
    type.shape = broadcast(type.shape, in[i].shape, name());
  }
  return {type};
}

double ElementwiseOp::flops(const Node& node) const {
  return static_cast<double>(node.outputs[0].shape.count());
}

Value operator-(const Value& x) { return make<Negate>(x); }
Value abs(const Value& x) { return make<Absolute>(x); }
Value sign(const Value& x) { return make<Sign>(x); }
Value square(const Value& x) { return make<Square>(x); }
Value sqrt(const Value& x) { return make<SquareRoot>(x); }
Value rsqrt(const Value& x) { return make<ReciprocalSquareRoot>(x); }
Value reciprocal(const Value& x) { return make<Reciprocal>(x); }
Value exp(const Value& x) { return make<Exponential>(x); }
Value expm1(const Value& x) { return make<ExponentialMinusOne>(x); }
Value log(const Value& x) { return make<Logarithm>(x); }
Value log1p(const Value& x) { return make<LogarithmOnePlus>(x); }
Value sin(const Value& x) { return make<Sine>(x); }
Value cos(const Value& x) { return make<Cosine>(x); }
Value tanh(const Value& x) { return make<Tanh>(x); }
Value sigmoid(const Value& x) { return make<Sigmoid>(x); }
Value erf(const Value& x) { return make<ErrorFunction>(x); }
Value relu(const Value& x) { return make<Relu>(x); }
Value softplus(const Value& x) { return make<Softplus>(x); }
Value floor(const Value& x) { return make<Floor>(x); }
Value round(const Value& x) { return make<Round>(x); }

Value operator+(const Value& a, const Value& b) { return make<Add>(a, b); }
Value operator-(const Value& a, const Value& b) { return make<Subtract>(a, b); }
Value operator*(const Value& a, const Value& b) { return make<Multiply>(a, b); }
Value operator/(const Value& a, const Value& b) { return make<Divide>(a, b); }
Value maximum(const Value& a, const Value& b) { return make<Maximum>(a, b); }
Value minimum(const Value& a, const Value& b) { return make<Minimum>(a, b); }
Value pow(const Value& a, const Value& b) { return make<Power>(a, b); }
Value operator<(const Value& a, const Value& b) { return make<Less>(a, b); }
Value operator<=(const Value& a, const Value& b) { return make<LessEqual>(a, b); }
Value operator>(const Value& a, const Value& b) { return make<Greater>(a, b); }
Value operator>=(const Value& a, const Value& b) { return make<GreaterEqual>(a, b); }
Value equal(const Value& a, const Value& b) { return make<Equal>(a, b); }
Value not_equal(const Value& a, const Value& b) { return make<NotEqual>(a, b); }
Value select(const Value& condition, const Value& a, const Value& b) { return make<Select>(condition, a, b); }

Value operator+(const Value& a, double b) { return a + constant(b, a.dtype()); }
Value operator+(double a, const Value& b) { return constant(a, b.dtype()) + b; }
Value operator-(const Value& a, double b) { return a - constant(b, a.dtype()); }
Value operator-(double a, const Value& b) { return constant(a, b.dtype()) - b; }
Value operator*(const Value& a, double b) { return a * constant(b, a.dtype()); }
Value operator*(double a, const Value& b) { return constant(a, b.dtype()) * b; }
Value operator/(const Value& a, double b) { return a / constant(b, a.dtype()); }
Value operator/(double a, const Value& b) { return constant(a, b.dtype()) / b; }
Value maximum(const Value& a, double b) { return maximum(a, constant(b, a.dtype())); }
Value minimum(const Value& a, double b) { return minimum(a, constant(b, a.dtype())); }
Value pow(const Value& a, double b) { return pow(a, constant(b, a.dtype())); }
Value operator<(const Value& a, double b) { return a < constant(b, a.dtype()); }
Value operator<=(const Value& a, double b) { return a <= constant(b, a.dtype()); }
Value operator>(const Value& a, double b) { return a > constant(b, a.dtype()); }
Value operator>=(const Value& a, double b) { return a >= constant(b, a.dtype()); }
Value equal(const Value& a, double b) { return equal(a, constant(b, a.dtype())); }

Value stop_gradient(const Value& x) { return apply_one(std::make_shared<StopGradient>(), {x}); }

}  // namespace folio
