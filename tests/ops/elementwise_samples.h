// Random applications of the element by element ops, with operands away from kinks and poles.
#pragma once
#include <functional>
#include <map>
#include <string>

#include "folio/ops/elementwise.h"
#include "tests/ops/gradient_check.h"

namespace folio {

using SampleMaker = std::function<Sample(RandomNumbers&)>;
using SampleTable = std::map<std::string, SampleMaker>;

using UnaryFunction = Value (*)(const Value&);
using BinaryFunction = Value (*)(const Value&, const Value&);

/// Shapes of two operands of one op: either may be stretched, in any dimension.
inline std::pair<Shape, Shape> operand_shapes(RandomNumbers& random) {
  const Shape shape = random.shape(static_cast<int>(random.whole(0, 4)), 3);
  const Shape a = random.squeezed(shape), b = random.squeezed(shape);
  return {a, random.coin() ? b : shape};
}

/// f(x) for x in [low, high); with `both_signs` also in (-high, -low].
inline SampleMaker of_one(UnaryFunction f, double low, double high, bool both_signs = false) {
  return [=](RandomNumbers& random) {
    Sample sample;
    Tensor x = random.tensor(random.shape(static_cast<int>(random.whole(0, 4))), low, high);
    for (int64_t i = 0; both_signs && i < x.count(); ++i)
      if (random.coin()) x.set(i, -x.at(i));
    sample.outputs = {f(sample.add(x))};
    return sample;
  };
}

/// f(a, b) of numbers that all differ.
inline SampleMaker of_two_distinct(BinaryFunction f) {
  return [=](RandomNumbers& random) {
    Sample sample;
    const auto [a, b] = operand_shapes(random);
    const std::vector<Tensor> tensors = random.distinct({a, b});
    const Value x = sample.add(tensors[0]), y = sample.add(tensors[1]);
    sample.outputs = {f(x, y)};
    return sample;
  };
}

/// f(a, b) with the first operand in [a_low, a_high) and the second in [b_low, b_high).
inline SampleMaker of_two(BinaryFunction f, double a_low, double a_high, double b_low, double b_high) {
  return [=](RandomNumbers& random) {
    Sample sample;
    const auto [a, b] = operand_shapes(random);
    const Value x = sample.add(random.tensor(a, a_low, a_high)),
                y = sample.add(random.tensor(b, b_low, b_high));
    sample.outputs = {f(x, y)};
    return sample;
  };
}

/// a to the power b; a negative base has a gradient only for whole exponents, and then none of the exponent.
inline Sample sample_power(RandomNumbers& random) {
  if (random.coin()) return of_two(&pow, 0.3, 2, -2, 3)(random);
  Sample sample;
  const auto [a, b] = operand_shapes(random);
  Tensor exponents(b, DType::float64);
  for (int64_t i = 0; i < exponents.count(); ++i) exponents.set(i, static_cast<double>(random.whole(-2, 4)));
  const Value x = sample.add(random.tensor(a, -2, -0.3)), y = sample.add_fixed(exponents);
  sample.outputs = {pow(x, y)};
  return sample;
}

inline Sample sample_select(RandomNumbers& random) {
  Sample sample;
  const Shape shape = random.shape(static_cast<int>(random.whole(0, 4)), 3);
  Tensor condition(random.squeezed(shape), DType::float64);
  for (int64_t i = 0; i < condition.count(); ++i) condition.set(i, random.coin() ? 1 : 0);
  const Value c = sample.add_fixed(condition), a = sample.add(random.tensor(shape, -1, 1));
  const Value b = sample.add(random.tensor(random.squeezed(shape), -1, 1));
  sample.outputs = {random.coin() ? select(c, a, b) : select(c, b, a)};
  return sample;
}

inline SampleTable elementwise_samples() {
  return {
      {"Negate", of_one(&operator-, -2, 2)},
      {"Absolute", of_one(&abs, 0.1, 2, true)},
      {"Square", of_one(&square, -2, 2)},
      {"SquareRoot", of_one(&sqrt, 0.2, 3)},
      {"ReciprocalSquareRoot", of_one(&rsqrt, 0.2, 3)},
      {"Reciprocal", of_one(&reciprocal, 0.3, 3, true)},
      {"Exponential", of_one(&exp, -2, 2)},
      {"ExponentialMinusOne", of_one(&expm1, -2, 2)},
      {"Logarithm", of_one(&log, 0.2, 3)},
      {"LogarithmOnePlus", of_one(&log1p, -0.7, 3)},
      {"Sine", of_one(&sin, -4, 4)},
      {"Cosine", of_one(&cos, -4, 4)},
      {"Tanh", of_one(&tanh, -2, 2)},
      {"Sigmoid", of_one(&sigmoid, -4, 4)},
      {"ErrorFunction", of_one(&erf, -2, 2)},
      {"Relu", of_one(&relu, 0.1, 2, true)},
      {"Softplus", of_one(&softplus, -4, 4)},
      {"Add", of_two_distinct(&operator+)},
      {"Subtract", of_two_distinct(&operator-)},
      {"Multiply", of_two_distinct(&operator*)},
      {"Divide", of_two(&operator/, -2, 2, 0.4, 3)},
      {"Maximum", of_two_distinct(&maximum)},
      {"Minimum", of_two_distinct(&minimum)},
      {"Power", sample_power},
      {"Select", sample_select},
      // No gradient: constant wherever they are smooth.
      {"Sign", of_one(&sign, 0.1, 2, true)},
      {"Floor",
       [](RandomNumbers& random) {
         Sample sample;
         sample.outputs = {floor(sample.add(random.distinct({random.shape(2)})[0]))};
         return sample;
       }},
      {"Round",
       [](RandomNumbers& random) {
         Sample sample;
         sample.outputs = {round(sample.add(random.distinct({random.shape(2)})[0]))};
         return sample;
       }},
      {"Less", of_two_distinct(&operator<)},
      {"LessEqual", of_two_distinct(&operator<=)},
      {"Greater", of_two_distinct(&operator>)},
      {"GreaterEqual", of_two_distinct(&operator>=)},
      {"Equal", of_two_distinct(&equal)},
      {"NotEqual", of_two_distinct(&not_equal)},
      {"StopGradient", of_one(&stop_gradient, -2, 2)},
  };
}

}  // namespace folio
