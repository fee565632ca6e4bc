#include "folio/ops/activations.h"

#include <numbers>

#include "folio/base/error.h"

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
