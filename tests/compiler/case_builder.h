// A graph with its inputs and parameters, put together by a test.
#pragma once
#include <cmath>
#include <numeric>
#include <string>
#include <vector>

#include "folio/compiler/compile.h"
#include "folio/ops/activations.h"
#include "folio/ops/affine_transform.h"
#include "folio/ops/attention.h"
#include "folio/ops/cast.h"
#include "folio/ops/convolution.h"
#include "folio/ops/dropout.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/gather.h"
#include "folio/ops/gradients.h"
#include "folio/ops/matmul.h"
#include "folio/ops/pooling.h"
#include "folio/ops/random_normal.h"
#include "folio/ops/random_uniform.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "folio/ops/slice.h"
#include "folio/ops/softmax.h"
#include "folio/ops/transpose.h"
#include "tests/ops/scan_samples.h"
#include "tests/random_numbers.h"

namespace folio {

class Case {
 public:
  Graph graph;
  std::vector<Tensor> tensors;
  std::vector<Parameter> parameters;
  RandomNumbers random{1};

  /// An input with random values.
  Value data(const Shape& shape, double low = -1, double high = 1, DType type = DType::float32) {
    graph.inputs.push_back(input(shape, type, "x" + std::to_string(graph.inputs.size())));
    tensors.push_back(random.tensor(shape, low, high, type));
    return graph.inputs.back();
  }
  Parameter parameter(const Shape& shape, double low = -1, double high = 1, bool trainable = true) {
    return remember(random.tensor(shape, low, high, DType::float32), trainable);
  }
  Parameter counter(double value) { return remember(Tensor::scalar(value, DType::int64), false); }
  /// Weights that keep the size of what they multiply.
  Parameter weights(const Shape& shape) {
    const double bound = std::sqrt(3.0 / static_cast<double>(shape.count(0, shape.rank() - 1)));
    return parameter(shape, -bound, bound);
  }

  Value dense(const Value& x, int64_t units) {
    return matmul(x, weights({x.shape()[-1], units})) + parameter({units});
  }
  Value convolution(const Value& x, int64_t size, int64_t filters, ConvolutionOptions options = {}) {
    return convolution_2d(x, weights({size, size, x.shape()[3] / options.groups, filters}), options) +
           parameter({filters});
  }
  /// Over all dimensions but the last; its moving averages are updated.
  Value batch_norm(const Value& x) {
    const Shape shape{x.shape()[-1]};
    std::vector<int> axes(static_cast<size_t>(x.rank() - 1));
    std::iota(axes.begin(), axes.end(), 0);
    const Value centre = mean(x, axes), variance = mean(square(x - centre), axes);
    const Parameter moving_mean = parameter(shape, -1, 1, false),
                    moving_variance = parameter(shape, 0.5, 1.5, false);
    update(moving_mean, 0.9 * moving_mean + 0.1 * centre);
    update(moving_variance, 0.9 * moving_variance + 0.1 * variance);
    return (x - centre) * rsqrt(variance + 1e-2) * parameter(shape, 0.5, 1.5) + parameter(shape);
  }

  void output(const Value& value) { graph.outputs.push_back(value); }
  void update(const Parameter& target, const Value& value) { graph.updates.push_back({target, value}); }

  /// One step of Adam for all trainable parameters. Its slots start far from 0, because the first step's
  /// sign(gradient) would turn a rounding error into a full step.
  void train(const Value& loss) {
    output(loss);
    const Parameter steps = counter(3);
    const Value next = Value(steps) + 1.0, t = cast(next, DType::float32);
    update(steps, next);
    const Value rate = 0.01 * sqrt(1.0 - pow(constant(0.999, DType::float32), t)) /
                       (1.0 - pow(constant(0.9, DType::float32), t));
    std::vector<Parameter> trainable;
    Values wanted;
    for (const Parameter& p : parameters)
      if (p.trainable()) trainable.push_back(p), wanted.push_back(p);
    const Values slopes = gradients(loss, wanted);
    for (size_t i = 0; i < trainable.size(); ++i) {
      const Parameter m = parameter(trainable[i].shape(), -0.1, 0.1, false),
                      v = parameter(trainable[i].shape(), 0.01, 0.1, false);
      const Value m_next = 0.9 * m + 0.1 * slopes[i], v_next = 0.999 * v + 0.001 * square(slopes[i]);
      update(m, m_next);
      update(v, v_next);
      update(trainable[i], Value(trainable[i]) - rate * m_next / (sqrt(v_next) + 1e-7));
    }
  }
  /// Cross-entropy against random classes, which come as an input.
  void train_classifier(const Value& logits) {
    const int64_t classes = logits.shape()[-1];
    Tensor labels({logits.shape()[0]}, DType::int32);
    for (int64_t i = 0; i < labels.count(); ++i)
      labels.set(i, static_cast<double>(random.whole(0, classes - 1)));
    graph.inputs.push_back(input(labels.shape(), DType::int32, "labels"));
    tensors.push_back(labels);
    train(-mean(sum(one_hot(graph.inputs.back(), classes) * log_softmax(logits), {-1})));
  }

 private:
  Parameter remember(Tensor tensor, bool trainable) {
    parameters.emplace_back("p" + std::to_string(parameters.size()), std::move(tensor), trainable);
    return parameters.back();
  }
};

}  // namespace folio
