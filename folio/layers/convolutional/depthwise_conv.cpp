#include <nlohmann/json.hpp>

#include "folio/layers/convolutional/convolution_base.h"
#include "folio/layers/convolutional/depthwise_conv1d.h"
#include "folio/layers/convolutional/depthwise_conv2d.h"

namespace folio {
namespace {

class DepthwiseConvBody final : public ConvolutionBase {
 public:
  DepthwiseConvBody(ConvolutionSettings given, int64_t depth_multiplier, WeightRules depthwise)
      : ConvolutionBase(std::move(given)), depth_multiplier_(depth_multiplier), rules_(std::move(depthwise)) {
    check_size(settings().class_name, "depth_multiplier", depth_multiplier_);
  }

  void build(const std::vector<Shape>& inputs) override {
    const int64_t channels = channels_of(inputs[0]);
    kernel_ = add_weight("kernel", kernel_shape(channels, depth_multiplier_), rules_);
    add_bias(channels * depth_multiplier_);
  }

  Values call(const LayerCall& call, Effects&) override {
    check(call.input().shape());
    return {finished(convolve_channels(call.input(), Value(kernel_)))};
  }

  Json config() const override {
    Json config = ConvolutionBase::config();
    config["depth_multiplier"] = depth_multiplier_;
    rules_.write(config, "depthwise");
    return config;
  }

 private:
  int64_t depth_multiplier_;
  WeightRules rules_;
  Parameter kernel_;
};

template <class Options, class Size>
std::shared_ptr<LayerBody> body_of(const char* class_name, const Size& kernel_size, const Options& options) {
  return make_body<DepthwiseConvBody>(
      options.name, options.trainable, convolution_settings(class_name, kernel_size, options),
      options.depth_multiplier,
      WeightRules{options.depthwise_initializer, options.depthwise_regularizer,
                  options.depthwise_constraint});
}

Layer read_depthwise_conv(const char* class_name, size_t rank, const Json& config, const std::string& name,
                          const std::string& place) {
  ConfigReader read(config, place);
  ConvolutionSettings settings = ConvolutionSettings::read(read, class_name, rank);
  const int64_t depth_multiplier = read.integer("depth_multiplier", 1);
  WeightRules depthwise = read.weight("depthwise", "glorot_uniform");
  read.finish();
  return Layer(
      make_body<DepthwiseConvBody>(name, true, std::move(settings), depth_multiplier, std::move(depthwise)));
}

}  // namespace

DepthwiseConv1D::DepthwiseConv1D(int64_t kernel_size, DepthwiseConv1DOptions options) {
  body_ = body_of("DepthwiseConv1D", kernel_size, options);
}
DepthwiseConv2D::DepthwiseConv2D(Pair kernel_size, DepthwiseConv2DOptions options) {
  body_ = body_of("DepthwiseConv2D", kernel_size, options);
}

Layer DepthwiseConv1D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_depthwise_conv("DepthwiseConv1D", 1, config, name, place);
}
Layer DepthwiseConv2D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_depthwise_conv("DepthwiseConv2D", 2, config, name, place);
}

}  // namespace folio
