#include "folio/ops/activations.h"

#include <numbers>

#include "folio/base/error.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "folio/ops/slice.h"

namespace folio {

// At 0, where a rectifier before it puts many elements, the slope is that of the right side, as in Keras on
// JAX.
Value leaky_relu(const Value& x, double slope) { return select(x >= 0.0, x, slope * x); }

// The argument of expm1 is kept from growing, for an overflow there would turn the unused branch's gradient
// into NaN.
Value elu(const Value& x, double alpha) {
  const Value positive = x > 0.0;
  return select(positive, x, alpha * expm1(select(positive, constant(0, x.dtype()), x)));
}

Value selu(const Value& x) {
  constexpr double kScale = 1.0507009873554804934193349852946, kAlpha = 1.6732632423543772848170429916717;
  return kScale * elu(x, kAlpha);
}

Value gelu(const Value& x, bool approximate) {
  if (!approximate) return 0.5 * x * (1.0 + erf(x * (1 / std::numbers::sqrt2)));
  return 0.5 * x * (1.0 + tanh(0.79788456080286535588 * (x + 0.044715 * (x * x * x))));
}

Value silu(const Value& x) { return x * sigmoid(x); }
Value softsign(const Value& x) { return x / (1.0 + abs(x)); }
Value relu6(const Value& x) { return minimum(relu(x), 6.0); }
Value hard_sigmoid(const Value& x) { return relu6(x + 3.0) * (1.0 / 6.0); }
/// As Keras 2 defined it.
static Value hard_sigmoid_keras2(const Value& x) { return minimum(relu(0.2 * x + 0.5), 1.0); }
Value hard_silu(const Value& x) { return x * hard_sigmoid(x); }
Value mish(const Value& x) { return x * tanh(softplus(x)); }

Value celu(const Value& x, double alpha) {
  const Value positive = x > 0.0;
  return select(positive, x, alpha * expm1(select(positive, constant(0, x.dtype()), x * (1 / alpha))));
}

Value glu(const Value& x, int axis) {
  const Values halves = split(x, 2, axis);
  return halves[0] * sigmoid(halves[1]);
}

Value hard_tanh(const Value& x) { return minimum(maximum(x, -1.0), 1.0); }
Value hard_shrink(const Value& x, double threshold) {
  return select(abs(x) > threshold, x, constant(0, x.dtype()));
}
Value soft_shrink(const Value& x, double threshold) {
  const Value nothing = constant(0, x.dtype());
  return select(x > threshold, x - threshold, select(x < -threshold, x + threshold, nothing));
}
Value tanh_shrink(const Value& x) { return x - tanh(x); }
Value log_sigmoid(const Value& x) { return -softplus(-x); }
Value squareplus(const Value& x, double b) { return 0.5 * (x + sqrt(square(x) + b)); }
Value sparse_plus(const Value& x) {
  const Value nothing = constant(0, x.dtype());
  return select(x > -1.0, select(x < 1.0, 0.25 * square(x + 1.0), x), nothing);
}
Value sparse_sigmoid(const Value& x) {
  return select(x > -1.0, select(x < 1.0, 0.5 * (x + 1.0), constant(1, x.dtype())), constant(0, x.dtype()));
}

Value sparsemax(const Value& x) {
  // An element belongs to the support when those not below it, less one, sum to less than it, as often as
  // there are.
  const Shape shape = x.shape();
  const Value one = reshape(x, shape.joined({1})), other = reshape(x, shape.inserted(shape.rank() - 1, 1));
  const int last = x.rank() - 1;
  const Value not_below = other >= one;
  const Value count = sum(not_below, {last + 1}),
              total = sum(select(not_below, other, constant(0, x.dtype())), {last + 1});
  const Value inside = 1.0 + count * x > total;
  const Value support = select(inside, x, constant(0, x.dtype()));
  const Value excess = (sum(support, {last}, true) - 1.0) / sum(inside, {last}, true);
  return relu(x - excess);
}

const std::vector<ActivationFunction>& activations() {
  static const std::vector<ActivationFunction> all = {
      {"linear", [](const Value& x) { return x; }},
      {"relu", [](const Value& x) { return relu(x); }},
      {"relu6", [](const Value& x) { return relu6(x); }},
      {"leaky_relu", [](const Value& x) { return leaky_relu(x); }},
      {"elu", [](const Value& x) { return elu(x); }},
      {"selu", [](const Value& x) { return selu(x); }},
      {"gelu", [](const Value& x) { return gelu(x); }},
      {"silu", [](const Value& x) { return silu(x); }},
      {"swish", [](const Value& x) { return silu(x); }},
      {"sigmoid", [](const Value& x) { return sigmoid(x); }},
      {"hard_sigmoid", [](const Value& x) { return hard_sigmoid(x); }},
      {"hard_silu", [](const Value& x) { return hard_silu(x); }},
      {"hard_swish", [](const Value& x) { return hard_silu(x); }},
      {"tanh", [](const Value& x) { return tanh(x); }},
      {"softmax", [](const Value& x) { return softmax(x); }},
      {"log_softmax", [](const Value& x) { return log_softmax(x); }},
      {"softplus", [](const Value& x) { return softplus(x); }},
      {"softsign", [](const Value& x) { return softsign(x); }},
      {"exponential", [](const Value& x) { return exp(x); }},
      {"mish", [](const Value& x) { return mish(x); }},
      {"celu", [](const Value& x) { return celu(x); }},
      {"glu", [](const Value& x) { return glu(x); }},
      {"hard_tanh", [](const Value& x) { return hard_tanh(x); }},
      {"hard_shrink", [](const Value& x) { return hard_shrink(x); }},
      {"soft_shrink", [](const Value& x) { return soft_shrink(x); }},
      {"tanh_shrink", [](const Value& x) { return tanh_shrink(x); }},
      {"log_sigmoid", [](const Value& x) { return log_sigmoid(x); }},
      {"squareplus", [](const Value& x) { return squareplus(x); }},
      {"sparse_plus", [](const Value& x) { return sparse_plus(x); }},
      {"sparse_sigmoid", [](const Value& x) { return sparse_sigmoid(x); }},
      {"sparsemax", [](const Value& x) { return sparsemax(x); }},
  };
  return all;
}

const ActivationFunction& activation(const std::string& name) {
  const std::string wanted = name.empty() ? "linear" : name;
  // Of old files alone: Keras 3 has no name for it.
  static const ActivationFunction of_keras2{"hard_sigmoid_keras2",
                                            [](const Value& x) { return hard_sigmoid_keras2(x); }};
  if (wanted == of_keras2.name) return of_keras2;
  std::string names;
  for (const ActivationFunction& candidate : activations()) {
    if (candidate.name == wanted) return candidate;
    names += (names.empty() ? "" : ", ") + candidate.name;
  }
  throw Error("activation: expected one of " + names + ", got \"" + name + "\"");
}

}  // namespace folio
