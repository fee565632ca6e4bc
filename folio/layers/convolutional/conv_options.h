// The options of convolutions, the same for sequences, pictures and volumes.
#pragma once
#include <string>

#include "folio/layers/common/activation_choice.h"
#include "folio/layers/common/data_format.h"
#include "folio/layers/common/sizes.h"
#include "folio/layers/weights/weight_rules.h"

namespace folio {

struct ConvOptions {
  Sizes strides = 1;
  /// Or "same": output size ⌈size / stride⌉; of sequences also "causal": the same, and no step sees a later
  /// one.
  std::string padding = "valid";
  DataFormat data_format = {};
  Sizes dilation_rate = 1;
  int64_t groups = 1;
  ActivationChoice activation = {};
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

struct ConvTransposeOptions {
  Sizes strides = 1;
  std::string padding = "valid";  ///< or "same": output size = size · stride
  Sizes output_padding = {};      ///< cells added at the end; not given: what the sizes above need
  DataFormat data_format = {};
  Sizes dilation_rate = 1;
  ActivationChoice activation = {};
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

struct DepthwiseConvOptions {
  Sizes strides = 1;
  std::string padding = "valid";  ///< or "same": output size ⌈size / stride⌉
  int64_t depth_multiplier = 1;   ///< kernels for each channel
  DataFormat data_format = {};
  Sizes dilation_rate = 1;
  ActivationChoice activation = {};
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

struct SeparableConvOptions {
  Sizes strides = 1;
  std::string padding = "valid";  ///< or "same": output size ⌈size / stride⌉
  DataFormat data_format = {};
  Sizes dilation_rate = 1;
  int64_t depth_multiplier = 1;  ///< kernels for each channel
  ActivationChoice activation = {};
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

}  // namespace folio
