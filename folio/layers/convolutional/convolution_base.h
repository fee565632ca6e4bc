// What all layers share that slide kernels over sequences, pictures or volumes.
#pragma once
#include "folio/layers/common/config.h"
#include "folio/layers/common/pictures.h"
#include "folio/layers/layer.h"
#include "folio/ops/convolution.h"

namespace folio {

/// The settings that all of them have.
struct ConvolutionSettings {
  const char* class_name;
  Sizes kernel_size, strides;
  std::string padding;
  Sizes dilation_rate;
  std::string activation;
  bool use_bias;
  WeightRules bias;
  Regularizer activity_regularizer;
  bool may_be_causal = false;  ///< padding may be "causal"

  size_t rank() const { return kernel_size.size(); }
  static ConvolutionSettings read(ConfigReader& read, const char* class_name, size_t rank);
};

/// The settings that the options of any of them hold; `Options` is one of Conv1DOptions, Conv2DOptions, …
template <class Options, class Size>
ConvolutionSettings convolution_settings(const char* class_name, const Size& kernel_size,
                                         const Options& options) {
  return {class_name,
          sizes_of(kernel_size),
          sizes_of(options.strides),
          options.padding,
          sizes_of(options.dilation_rate),
          options.activation,
          options.use_bias,
          {options.bias_initializer, options.bias_regularizer, options.bias_constraint},
          options.activity_regularizer};
}

class ConvolutionBase : public LayerBody {
 public:
  /// Throws `Error` unless the settings make sense.
  explicit ConvolutionBase(ConvolutionSettings settings);
  std::string class_name() const override { return settings_.class_name; }
  Json config() const override;

 protected:
  size_t rank() const { return settings_.rank(); }
  const ConvolutionSettings& settings() const { return settings_; }
  /// The padding that the op applies; what "causal" pads lies in front of its input.
  Padding padding() const;
  /// Throws `Error` unless the shape has the right rank and the channels the layer was built for.
  void check(const Shape& x) const;
  /// For `build`: checks and remembers the input's channels, and returns them.
  int64_t channels_of(const Shape& x);
  /// The kernel's sizes followed by these two.
  Shape kernel_shape(int64_t inputs, int64_t outputs) const;
  void add_bias(int64_t filters);
  /// x * kernel for a kernel of (sizes…, channels / groups, filters).
  Value convolve(const Value& x, const Value& kernel, int64_t groups) const;
  /// x * kernel with a kernel of its own for each channel: (sizes…, channels, multiplier).
  Value convolve_channels(const Value& x, const Value& kernel) const;
  /// Of one picture (or of a sequence seen as a picture of one row).
  ConvolutionOptions plane_options(int64_t groups) const;
  /// The kernel without its depth, or with a height of 1 when it has none.
  static Value plane_kernel(const Value& kernel, int64_t slice = 0);
  /// activation(y + bias)
  Value finished(Value y) const;

 private:
  Value convolve_volumes(const Value& x, const Value& kernel, int64_t groups) const;

  ConvolutionSettings settings_;
  int64_t channels_ = kUnknown;
  Parameter bias_;
};

}  // namespace folio
