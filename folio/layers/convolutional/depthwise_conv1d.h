// Convolution over sequences, each channel by itself.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/common/pair.h"
#include "folio/layers/layer.h"

namespace folio {

struct DepthwiseConv1DOptions {
  int64_t strides = 1;
  std::string padding = "valid";  ///< or "same": output size ⌈size / stride⌉
  int64_t depth_multiplier = 1;   ///< kernels for each channel
  DataFormat data_format = {};
  int64_t dilation_rate = 1;
  std::string activation = {};
  bool use_bias = true;
  Initializer depthwise_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer depthwise_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint depthwise_constraint = {};
  Constraint bias_constraint = {};
  std::string name = {};
  bool trainable = true;
};

/// activation(x * kernel + bias), where every channel has kernels of its own and meets no other.
/// x: (batch, steps, channels) -> (batch, ⌊(W − F + 2P) / S⌋ + 1, channels · multiplier).
/// Kernel: (kernel size, channels, multiplier); what the kernels of one channel give lies side by side.
/// (sheet F1)
class DepthwiseConv1D final : public Layer {
 public:
  explicit DepthwiseConv1D(int64_t kernel_size, DepthwiseConv1DOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
