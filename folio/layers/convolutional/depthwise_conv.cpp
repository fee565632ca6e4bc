#include "folio/layers/convolutional/convolution_base.h"
#include "folio/layers/convolutional/depthwise_conv1d.h"
#include "folio/layers/convolutional/depthwise_conv2d.h"

namespace folio {
namespace {

class DepthwiseConvBody final : public ConvolutionBase {
 public:
  DepthwiseConvBody(const char* class_name, size_t rank, const Sizes& kernel_size = {},
                    const DepthwiseConvOptions& o = {})
      : ConvolutionBase({class_name, rank, kernel_size, o}),
        depth_multiplier_(o.depth_multiplier),
        rules_{o.depthwise_initializer, o.depthwise_regularizer, o.depthwise_constraint} {}

  void fields(Fields& f) override {
    ConvolutionBase::fields(f);
    f("depth_multiplier", depth_multiplier_, {.least = 1, .most = kLargestSize});
    weight_fields(f, "depthwise", rules_);
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

 private:
  int64_t depth_multiplier_;
  WeightRules rules_;
  Parameter kernel_;
};

}  // namespace

DepthwiseConv1D::DepthwiseConv1D(Sizes kernel_size, DepthwiseConv1DOptions options)
    : Layer(std::make_shared<DepthwiseConvBody>("DepthwiseConv1D", 1, kernel_size, options), options) {}
DepthwiseConv2D::DepthwiseConv2D(Sizes kernel_size, DepthwiseConv2DOptions options)
    : Layer(std::make_shared<DepthwiseConvBody>("DepthwiseConv2D", 2, kernel_size, options), options) {}

std::shared_ptr<LayerBody> DepthwiseConv1D::blank() {
  return std::make_shared<DepthwiseConvBody>("DepthwiseConv1D", 1);
}
std::shared_ptr<LayerBody> DepthwiseConv2D::blank() {
  return std::make_shared<DepthwiseConvBody>("DepthwiseConv2D", 2);
}

}  // namespace folio
