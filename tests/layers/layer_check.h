// What tests of layers share: calling one layer on tensors.
#pragma once
#include <vector>

#include "folio/compiler/compile.h"
#include "folio/layers/trace.h"

namespace folio {

/// One layer called at known shapes: a graph whose last input is the training step.
struct TracedCall {
  Graph graph;
  Shape symbolic;  ///< what the layer promised before the batch was known
};

/// Calls the layer on symbolic values of unknown batch and traces the call again with the shapes of `types`.
inline TracedCall trace_layer(const Layer& layer, const std::vector<TensorType>& types, bool training = false,
                              uint64_t seed = 0) {
  TracedCall result;
  Values symbolic;
  for (const TensorType& type : types) {
    symbolic.push_back(input(type.shape.with(0, kUnknown), type.dtype));
    result.graph.inputs.push_back(input(type.shape, type.dtype));
  }
  const Value y = layer.call(symbolic)[0];  // of several outputs the first
  result.symbolic = y.shape();
  const Value step = input({}, DType::int64, "step");
  Effects effects;
  result.graph.outputs =
      retrace({y}, symbolic,
              {.inputs = result.graph.inputs, .training = training, .seed = seed, .step = step}, effects)
          .values;
  result.graph.updates = effects.updates;
  result.graph.inputs.push_back(step);
  return result;
}

inline std::vector<TensorType> types_of(const std::vector<Tensor>& tensors) {
  std::vector<TensorType> types;
  for (const Tensor& tensor : tensors) types.push_back({tensor.shape(), tensor.dtype()});
  return types;
}

struct RunOptions {
  bool training = false;
  int64_t step = 0;
  uint64_t seed = 0;
  PlanOptions compile = definitions_only();
};

/// The layer's output, computed now; state updates happen.
inline Tensor run_layer(const Layer& layer, std::vector<Tensor> inputs, const RunOptions& options = {}) {
  const TracedCall call = trace_layer(layer, types_of(inputs), options.training, options.seed);
  inputs.push_back(Tensor::of<int64_t>({}, {options.step}));
  return compile(call.graph, options.compile)(inputs)[0];
}

inline Tensor floats(Shape shape, const std::vector<float>& values) {
  return Tensor::of(std::move(shape), values);
}

inline std::vector<float> list(const Tensor& tensor) {
  const auto values = tensor.values<float>();
  return {values.begin(), values.end()};
}

/// The float type in which layers are made, for as long as it lives.
class FloatType {
 public:
  explicit FloatType(DType type) : before_(floatx()) { set_floatx(type); }
  ~FloatType() { set_floatx(before_); }

 private:
  DType before_;
};

}  // namespace folio
