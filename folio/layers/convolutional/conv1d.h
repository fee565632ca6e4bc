// Convolution over sequences.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/common/pair.h"
#include "folio/layers/layer.h"

namespace folio {

struct Conv1DOptions {
  int64_t strides = 1;
  /// Or "same": output size ⌈size / stride⌉; or "causal": the same, and no step sees a later one.
  std::string padding = "valid";
  DataFormat data_format = {};
  int64_t dilation_rate = 1;
  int64_t groups = 1;
  std::string activation = {};
  bool use_bias = true;
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

/// activation(x * kernel + bias), where * slides the kernel along the steps without turning it.
/// x: (batch, steps, channels) -> (batch, ⌊(W − F + 2P) / S⌋ + 1, filters).
/// Kernel: (kernel size, channels / groups, filters). (sheet F1)
class Conv1D final : public Layer {
 public:
  Conv1D(int64_t filters, int64_t kernel_size, Conv1DOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
