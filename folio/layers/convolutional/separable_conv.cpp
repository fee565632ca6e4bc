#include "folio/layers/convolutional/convolution_base.h"
#include "folio/layers/convolutional/separable_conv1d.h"
#include "folio/layers/convolutional/separable_conv2d.h"

namespace folio {
namespace {

class SeparableConvBody final : public ConvolutionBase {
 public:
  SeparableConvBody(const char* class_name, size_t rank, int64_t filters = 0, const Sizes& kernel_size = {},
                    const SeparableConvOptions& o = {})
      : ConvolutionBase({class_name, rank, kernel_size, o}),
        filters_(filters),
        depth_multiplier_(o.depth_multiplier),
        depthwise_rules_{o.depthwise_initializer, o.depthwise_regularizer, o.depthwise_constraint},
        pointwise_rules_{o.pointwise_initializer, o.pointwise_regularizer, o.pointwise_constraint} {}

  void fields(Fields& f) override {
    f("filters", filters_, {.required = true, .least = 1, .most = kLargestSize});
    ConvolutionBase::fields(f);
    f("depth_multiplier", depth_multiplier_, {.least = 1, .most = kLargestSize});
    weight_fields(f, "depthwise", depthwise_rules_);
    weight_fields(f, "pointwise", pointwise_rules_);
  }

  void build(const std::vector<Shape>& inputs) override {
    const int64_t channels = channels_of(inputs[0]);
    depthwise_ = add_weight("depthwise_kernel", kernel_shape(channels, depth_multiplier_), depthwise_rules_);
    const Shape cell(Sizes(rank(), 1));
    pointwise_ = add_weight("pointwise_kernel", cell.joined({channels * depth_multiplier_, filters_}),
                            pointwise_rules_);
    add_bias(filters_);
  }

  Values call(const LayerCall& call, Effects&) override {
    check(call.input().shape());
    const Value apart = convolve_channels(call.input(), Value(depthwise_));
    const bool sequences = rank() == 1;
    const Value mixed =
        convolution_2d(sequences ? row_of_cells(apart) : apart, plane_kernel(Value(pointwise_)));
    return {finished(sequences ? without_rows(mixed) : mixed)};
  }

 private:
  int64_t filters_, depth_multiplier_;
  WeightRules depthwise_rules_, pointwise_rules_;
  Parameter depthwise_, pointwise_;
};

}  // namespace

SeparableConv1D::SeparableConv1D(int64_t filters, Sizes kernel_size, SeparableConv1DOptions options)
    : Layer(std::make_shared<SeparableConvBody>("SeparableConv1D", 1, filters, kernel_size, options),
            options) {}
SeparableConv2D::SeparableConv2D(int64_t filters, Sizes kernel_size, SeparableConv2DOptions options)
    : Layer(std::make_shared<SeparableConvBody>("SeparableConv2D", 2, filters, kernel_size, options),
            options) {}

std::shared_ptr<LayerBody> SeparableConv1D::blank() {
  return std::make_shared<SeparableConvBody>("SeparableConv1D", 1);
}
std::shared_ptr<LayerBody> SeparableConv2D::blank() {
  return std::make_shared<SeparableConvBody>("SeparableConv2D", 2);
}

}  // namespace folio
