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

/// x where x > 0, alpha * (exp(x / alpha) - 1) elsewhere (Barron 2017)
Value celu(const Value& x, double alpha = 1.0);
/// The first half of `axis`, times the sigmoid of the second (Dauphin 2017); throws `Error` for an odd size.
Value glu(const Value& x, int axis = -1);
/// x between -1 and 1, these beyond
Value hard_tanh(const Value& x);
/// 0 where |x| ≤ threshold, x elsewhere
Value hard_shrink(const Value& x, double threshold = 0.5);
/// 0 where |x| ≤ threshold, elsewhere x brought nearer to 0 by it
Value soft_shrink(const Value& x, double threshold = 0.5);
/// x - tanh(x)
Value tanh_shrink(const Value& x);
/// log(sigmoid(x))
Value log_sigmoid(const Value& x);
/// (x + √(x² + b)) / 2 (Barron 2021)
Value squareplus(const Value& x, double b = 4);
/// 0 up to -1, (x + 1)² / 4 up to 1, x beyond
Value sparse_plus(const Value& x);
/// 0 up to -1, (x + 1) / 2 up to 1, 1 beyond
Value sparse_sigmoid(const Value& x);
/// The point nearest to the last dimension's values among those of sum 1 without negative ones (Martins
/// 2016). Compares all pairs.
Value sparsemax(const Value& x);

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
