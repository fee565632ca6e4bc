// Fully connected over any dimensions, written as an equation.
#pragma once
#include "folio/layers/common/activation_choice.h"
#include "folio/layers/layer.h"

namespace folio {

struct EinsumDenseOptions {
  ActivationChoice activation = {};
  std::string bias_axes = {};  ///< letters of the output along which biases differ; empty: no bias
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  std::string name = {};
  bool trainable = true;
};

/// activation(einsum(equation, x, kernel) + bias). equation: "abc,cd->abd", or with the dimensions that stay
/// as they are as dots, in front ("...x,xy->...y") or behind ("abc...,bd->adc..."). output_shape: the sizes
/// of the output after the batch and without the dots; kUnknown where the input tells them. (sheet G16)
class EinsumDense final : public Layer {
 public:
  EinsumDense(std::string equation, std::vector<int64_t> output_shape, EinsumDenseOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
