// Convolution over volumes.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/common/sizes.h"
#include "folio/layers/layer.h"

namespace folio {

struct Conv3DOptions {
  Triple strides = 1;
  std::string padding = "valid";  ///< or "same": output size ⌈size / stride⌉
  DataFormat data_format = {};
  Triple dilation_rate = 1;
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

/// activation(x * kernel + bias), where * slides the kernel through the volume without turning it.
/// x: (batch, depth, height, width, channels) -> (batch, ⌊(W − F + 2P) / S⌋ + 1 each way, filters).
/// Kernel: (kernel depth, kernel height, kernel width, channels / groups, filters). (sheet F1)
class Conv3D final : public Layer {
 public:
  Conv3D(int64_t filters, Triple kernel_size, Conv3DOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
