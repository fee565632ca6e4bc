// Convolution over pictures in two steps: along each channel, then across the channels.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/common/pair.h"
#include "folio/layers/layer.h"

namespace folio {

struct SeparableConv2DOptions {
  Pair strides = 1;
  std::string padding = "valid";  ///< or "same": output size ⌈size / stride⌉
  DataFormat data_format = {};
  Pair dilation_rate = 1;
  int64_t depth_multiplier = 1;  ///< kernels for each channel
  std::string activation = {};
  bool use_bias = true;
  Initializer depthwise_initializer = "glorot_uniform";
  Initializer pointwise_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer depthwise_regularizer = {};
  Regularizer pointwise_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint depthwise_constraint = {};
  Constraint pointwise_constraint = {};
  Constraint bias_constraint = {};
  std::string name = {};
  bool trainable = true;
};

/// activation((x * depthwise) * pointwise + bias): every channel is convolved by itself, then a kernel of
/// size 1 mixes the channels. x: (batch, height, width, channels) -> (batch, ⌊(W − F + 2P) / S⌋ + 1 each way,
/// filters). Kernels: (kernel height, kernel width, channels, multiplier) and (1, 1, channels · multiplier,
/// filters). (sheet F1)
class SeparableConv2D final : public Layer {
 public:
  SeparableConv2D(int64_t filters, Pair kernel_size, SeparableConv2DOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
