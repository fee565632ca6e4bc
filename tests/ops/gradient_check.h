// Compares gradients with central differences.
#pragma once
#include <algorithm>
#include <cmath>
#include <vector>

#include "folio/compiler/compile.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/gradients.h"
#include "folio/ops/reduce.h"
#include "tests/random_numbers.h"

namespace folio {

/// A function at a place: graph inputs with their tensors, and what is computed of them.
struct Sample {
  Values inputs;
  std::vector<Tensor> tensors;
  Values outputs;
  std::vector<int> fixed;  ///< inputs that have no gradient by definition: conditions, places, steps

  /// Adds an input and gives its value.
  Value add(Tensor tensor) {
    inputs.push_back(input(tensor.shape(), tensor.dtype(), "x" + std::to_string(inputs.size())));
    tensors.push_back(std::move(tensor));
    return inputs.back();
  }
  Value add_fixed(Tensor tensor) {
    fixed.push_back(static_cast<int>(inputs.size()));
    return add(std::move(tensor));
  }
  bool differentiable(size_t i) const {
    return is_floating(inputs[i].dtype()) &&
           std::find(fixed.begin(), fixed.end(), static_cast<int>(i)) == fixed.end();
  }
};

/// The weighted sum of all outputs: a number whose gradient sees each element of them.
inline Value weighted_sum(const Sample& sample, const std::vector<Tensor>& weights) {
  Value total = constant(0, DType::float64);
  for (size_t o = 0; o < sample.outputs.size(); ++o)
    total = total + sum(sample.outputs[o] * constant(weights[o]));
  return total;
}

/// ||a - n|| / (||a|| + ||n||), where a holds the slopes that `gradients` gives along some random directions
/// and n those of central differences; the worst of all differentiable inputs. All is computed in float64 by
/// definitions.
inline double gradient_error(const Sample& sample, RandomNumbers& random) {
  constexpr int kDirections = 3;
  std::vector<Tensor> weights;
  for (const Value& output : sample.outputs) weights.push_back(random.tensor(output.shape(), -1, 1));
  const Values derivatives = gradients(weighted_sum(sample, weights), sample.inputs);
  const Plan function = compile({sample.inputs, sample.outputs, {}}, definitions_only());
  Values wanted;
  std::vector<size_t> places;
  for (size_t i = 0; i < sample.inputs.size(); ++i)
    if (sample.differentiable(i)) wanted.push_back(derivatives[i]), places.push_back(i);
  const std::vector<Tensor> slopes = compile({sample.inputs, wanted, {}}, definitions_only())(sample.tensors);

  double worst = 0;
  for (size_t p = 0; p < places.size(); ++p) {
    const Tensor& x = sample.tensors[places[p]];
    double difference = 0, of_analytic = 0, of_numeric = 0;
    for (int direction = 0; direction < kDirections; ++direction) {
      std::vector<Tensor> ahead = sample.tensors, behind = sample.tensors;
      Tensor &plus = ahead[places[p]] = x.clone(), &minus = behind[places[p]] = x.clone();
      constexpr double kStep = 1e-6;
      double analytic = 0, numeric = 0;
      for (int64_t i = 0; i < x.count(); ++i) {
        const double along =
            random.between(0.5, 1) * (random.coin() ? 1 : -1) * std::max(1.0, std::abs(x.at(i)));
        plus.set(i, x.at(i) + kStep * along);
        minus.set(i, x.at(i) - kStep * along);
        // The step as it was taken, after rounding.
        analytic += slopes[p].at(i) * (plus.at(i) - minus.at(i)) / (2 * kStep);
      }
      const std::vector<Tensor> high = function(ahead), low = function(behind);
      // Differences are taken element by element, where little cancels, and summed afterwards.
      for (size_t o = 0; o < high.size(); ++o)
        for (int64_t i = 0; i < high[o].count(); ++i)
          numeric += weights[o].at(i) * (high[o].at(i) - low[o].at(i)) / (2 * kStep);
      difference += (analytic - numeric) * (analytic - numeric);
      of_analytic += analytic * analytic;
      of_numeric += numeric * numeric;
    }
    const double size = std::sqrt(of_analytic) + std::sqrt(of_numeric);
    // Where the true gradient is 0 only rounding is left, and a relative error means nothing.
    const double error = size < 1e-8 ? 0 : std::sqrt(difference) / size;
    if (!(error <= worst)) worst = error;
  }
  return worst;
}

/// The gradients of a sample as a function of its inputs and of the outputs' gradients, to be differentiated
/// again.
inline Sample gradient_of(const Sample& sample, RandomNumbers& random) {
  Sample result = sample;
  result.outputs.clear();
  Value total = constant(0, DType::float64);
  for (const Value& output : sample.outputs)
    total = total + sum(output * result.add(random.tensor(output.shape(), 0.5, 1.5)));
  const Values derivatives = gradients(total, sample.inputs);
  for (size_t i = 0; i < sample.inputs.size(); ++i)
    if (sample.differentiable(i)) result.outputs.push_back(derivatives[i]);
  return result;
}

}  // namespace folio
