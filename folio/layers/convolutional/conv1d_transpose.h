// Convolution over sequences, turned round: from small to large.
#pragma once
#include <optional>

#include "folio/layers/common/data_format.h"
#include "folio/layers/common/pair.h"
#include "folio/layers/layer.h"

namespace folio {

struct Conv1DTransposeOptions {
  int64_t strides = 1;
  std::string padding = "valid";  ///< or "same": output size = size · stride
  std::optional<int64_t> output_padding =
      {};  ///< cells added at the end; not given: what the sizes above need
  DataFormat data_format = {};
  int64_t dilation_rate = 1;
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

/// activation(y + bias), where y spreads every cell of x over the cells of the kernel: the gradient of a
/// convolution by its input.
/// x: (batch, steps, channels) -> (batch, (W − 1) · S + max(F, S), filters).
/// Kernel: (kernel size, filters, channels). (sheet F1)
class Conv1DTranspose final : public Layer {
 public:
  Conv1DTranspose(int64_t filters, int64_t kernel_size, Conv1DTransposeOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
