#include <nlohmann/json.hpp>

#include "folio/layers/convolutional/convolution_base.h"
#include "folio/layers/convolutional/separable_conv1d.h"
#include "folio/layers/convolutional/separable_conv2d.h"

namespace folio {
namespace {

struct SeparableSettings {
  int64_t filters, depth_multiplier;
  WeightRules depthwise, pointwise;
};

class SeparableConvBody final : public ConvolutionBase {
 public:
  SeparableConvBody(ConvolutionSettings given, SeparableSettings own)
      : ConvolutionBase(std::move(given)), own_(std::move(own)) {
    check_size(settings().class_name, "filters", own_.filters);
    check_size(settings().class_name, "depth_multiplier", own_.depth_multiplier);
  }

  void build(const std::vector<Shape>& inputs) override {
    const int64_t channels = channels_of(inputs[0]);
    depthwise_ =
        add_weight("depthwise_kernel", kernel_shape(channels, own_.depth_multiplier), own_.depthwise);
    const Shape cell(Sizes(rank(), 1));
    pointwise_ = add_weight("pointwise_kernel", cell.joined({channels * own_.depth_multiplier, own_.filters}),
                            own_.pointwise);
    add_bias(own_.filters);
  }

  Values call(const LayerCall& call, Effects&) override {
    check(call.input().shape());
    const Value apart = convolve_channels(call.input(), Value(depthwise_));
    const bool sequences = rank() == 1;
    const Value mixed =
        convolution_2d(sequences ? row_of_cells(apart) : apart, plane_kernel(Value(pointwise_)));
    return {finished(sequences ? without_rows(mixed) : mixed)};
  }

  Json config() const override {
    Json config = ConvolutionBase::config();
    config.update({{"filters", own_.filters}, {"depth_multiplier", own_.depth_multiplier}});
    own_.depthwise.write(config, "depthwise");
    own_.pointwise.write(config, "pointwise");
    return config;
  }

 private:
  SeparableSettings own_;
  Parameter depthwise_, pointwise_;
};

template <class Options, class Size>
std::shared_ptr<LayerBody> body_of(const char* class_name, int64_t filters, const Size& kernel_size,
                                   const Options& options) {
  return make_body<SeparableConvBody>(
      options.name, options.trainable, convolution_settings(class_name, kernel_size, options),
      SeparableSettings{
          filters,
          options.depth_multiplier,
          {options.depthwise_initializer, options.depthwise_regularizer, options.depthwise_constraint},
          {options.pointwise_initializer, options.pointwise_regularizer, options.pointwise_constraint}});
}

Layer read_separable_conv(const char* class_name, size_t rank, const Json& config, const std::string& name,
                          const std::string& place) {
  ConfigReader read(config, place);
  const int64_t filters = read.integer("filters");
  ConvolutionSettings settings = ConvolutionSettings::read(read, class_name, rank);
  SeparableSettings own{filters, read.integer("depth_multiplier", 1),
                        read.weight("depthwise", "glorot_uniform"),
                        read.weight("pointwise", "glorot_uniform")};
  read.finish();
  return Layer(make_body<SeparableConvBody>(name, true, std::move(settings), std::move(own)));
}

}  // namespace

SeparableConv1D::SeparableConv1D(int64_t filters, int64_t kernel_size, SeparableConv1DOptions options) {
  body_ = body_of("SeparableConv1D", filters, kernel_size, options);
}
SeparableConv2D::SeparableConv2D(int64_t filters, Pair kernel_size, SeparableConv2DOptions options) {
  body_ = body_of("SeparableConv2D", filters, kernel_size, options);
}

Layer SeparableConv1D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_separable_conv("SeparableConv1D", 1, config, name, place);
}
Layer SeparableConv2D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_separable_conv("SeparableConv2D", 2, config, name, place);
}

}  // namespace folio
