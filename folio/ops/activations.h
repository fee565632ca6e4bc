// The activations of the sheet (C1) and those that the field expects beside them, composed of ops.
#pragma once
#include <functional>
#include <string>

#include "folio/ops/elementwise.h"
#include "folio/ops/softmax.h"

namespace folio {

/// x where x > 0, slope * x elsewhere. Keras' function takes 0.2, its layer 0.3, the sheet 0.01 (errata 16).
Value leaky_relu(const Value& x, double slope = 0.2);
/// x where x > 0, alpha * (exp(x) - 1) elsewhere
Value elu(const Value& x, double alpha = 1.0);
/// 1.0507… * elu(x, 1.6732…) (Klambauer 2017)
Value selu(const Value& x);
/// x * Φ(x) (Hendrycks 2016); `approximate` takes the tanh formula
Value gelu(const Value& x, bool approximate = false);
/// x * sigmoid(x), also called swish
Value silu(const Value& x);
/// x / (1 + |x|)
Value softsign(const Value& x);
/// min(max(x, 0), 6)
Value relu6(const Value& x);
/// relu6(x + 3) / 6, as Keras 3 defines it
Value hard_sigmoid(const Value& x);
/// x * hard_sigmoid(x), also called hard swish
Value hard_silu(const Value& x);
/// x * tanh(softplus(x)) (Misra 2019)
Value mish(const Value& x);

/// An activation and its Keras name.
struct ActivationFunction {
  std::string name;
  std::function<Value(const Value&)> apply;
};
/// All of them: what look-up, help and tests walk.
const std::vector<ActivationFunction>& activations();
/// By Keras name; an empty name or "linear" is the identity. Throws `Error` that lists the names.
const ActivationFunction& activation(const std::string& name);

}  // namespace folio
