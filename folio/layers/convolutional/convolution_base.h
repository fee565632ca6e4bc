// What all layers share that slide kernels over sequences, pictures or volumes.
#pragma once
#include "folio/layers/common/layer_fields.h"
#include "folio/layers/common/pictures.h"
#include "folio/layers/common/sizes.h"
#include "folio/layers/layer.h"
#include "folio/ops/convolution.h"

namespace folio {

/// The settings that all of them have.
struct ConvolutionSettings {
  const char* class_name;
  size_t rank;  ///< directions: 1 for sequences, 2 for pictures, 3 for volumes
  Sizes kernel_size, strides;
  std::string padding;
  Sizes dilation_rate;
  ActivationChoice activation;
  bool use_bias;
  WeightRules bias;
  Regularizer activity_regularizer;

  /// `Options` is one of conv_options.h.
  template <class Options>
  ConvolutionSettings(const char* class_name, size_t rank, Sizes kernel_size, const Options& o)
      : class_name(class_name),
        rank(rank),
        kernel_size(std::move(kernel_size)),
        strides(o.strides),
        padding(o.padding),
        dilation_rate(o.dilation_rate),
        activation(o.activation),
        use_bias(o.use_bias),
        bias{o.bias_initializer, o.bias_regularizer, o.bias_constraint},
        activity_regularizer(o.activity_regularizer) {}
};

class ConvolutionBase : public LayerBody {
 public:
  explicit ConvolutionBase(ConvolutionSettings settings) : settings_(std::move(settings)) {}
  std::string class_name() const override { return settings_.class_name; }
  void fields(Fields& f) override;
  void configured() override;
  std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> children() const override {
    return settings_.activation.children();
  }

 protected:
  size_t rank() const { return settings_.rank; }
  const ConvolutionSettings& settings() const { return settings_; }
  /// What the padding may be.
  virtual const char* paddings() const { return "valid same"; }
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
  Value finished(Value y);

 private:
  Value convolve_volumes(const Value& x, const Value& kernel, int64_t groups) const;

  ConvolutionSettings settings_;
  int64_t channels_ = kUnknown;
  Parameter bias_;
};

}  // namespace folio
