#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/convolutional/conv1d.h"
#include "folio/layers/convolutional/conv2d.h"
#include "folio/layers/convolutional/conv3d.h"
#include "folio/layers/convolutional/convolution_base.h"
#include "folio/ops/slice.h"

namespace folio {
namespace {

class ConvBody final : public ConvolutionBase {
 public:
  ConvBody(ConvolutionSettings settings, int64_t filters, int64_t groups, WeightRules kernel)
      : ConvolutionBase(std::move(settings)), filters_(filters), groups_(groups), rules_(std::move(kernel)) {
    const std::string layer = class_name();
    check_size(layer.c_str(), "filters", filters_);
    check_size(layer.c_str(), "groups", groups_);
    if (filters_ % groups_)
      throw Error(layer + ": filters: expected a multiple of groups = " + std::to_string(groups_) + ", got " +
                  std::to_string(filters_));
  }

  void build(const std::vector<Shape>& inputs) override {
    const int64_t channels = channels_of(inputs[0]);
    if (channels % groups_)
      throw Error("groups = " + std::to_string(groups_) + " does not divide the " + std::to_string(channels) +
                  " channels of " + to_string(inputs[0]) + "; choose groups that divide the channels");
    kernel_ = add_weight("kernel", kernel_shape(channels / groups_, filters_), rules_);
    add_bias(filters_);
  }

  Values call(const LayerCall& call, Effects&) override {
    check(call.input().shape());
    Value x = call.input();
    if (settings().padding == "causal") {
      // No step may see a later one: all of the border lies in front.
      const int64_t before = (settings().kernel_size[0] - 1) * settings().dilation_rate[0];
      x = pad(x, {0, before, 0}, {0, 0, 0});
    }
    return {finished(convolve(x, Value(kernel_), groups_))};
  }

  Json config() const override {
    Json config = ConvolutionBase::config();
    config.update({{"filters", filters_}, {"groups", groups_}});
    rules_.write(config, "kernel");
    return config;
  }

 private:
  int64_t filters_, groups_;
  WeightRules rules_;
  Parameter kernel_;
};

template <class Options, class Size>
std::shared_ptr<LayerBody> body_of(const char* class_name, int64_t filters, const Size& kernel_size,
                                   const Options& options) {
  ConvolutionSettings settings = convolution_settings(class_name, kernel_size, options);
  settings.may_be_causal = settings.rank() == 1;
  return make_body<ConvBody>(
      options.name, options.trainable, std::move(settings), filters, options.groups,
      WeightRules{options.kernel_initializer, options.kernel_regularizer, options.kernel_constraint});
}

Layer read_conv(const char* class_name, size_t rank, const Json& config, const std::string& name,
                const std::string& place) {
  ConfigReader read(config, place);
  const int64_t filters = read.integer("filters");
  ConvolutionSettings settings = ConvolutionSettings::read(read, class_name, rank);
  settings.may_be_causal = rank == 1;
  const int64_t groups = read.integer("groups", 1);
  WeightRules kernel = read.weight("kernel", "glorot_uniform");
  read.finish();
  return Layer(make_body<ConvBody>(name, true, std::move(settings), filters, groups, std::move(kernel)));
}

}  // namespace

Conv1D::Conv1D(int64_t filters, int64_t kernel_size, Conv1DOptions options) {
  body_ = body_of("Conv1D", filters, kernel_size, options);
}
Conv2D::Conv2D(int64_t filters, Pair kernel_size, Conv2DOptions options) {
  body_ = body_of("Conv2D", filters, kernel_size, options);
}
Conv3D::Conv3D(int64_t filters, Triple kernel_size, Conv3DOptions options) {
  body_ = body_of("Conv3D", filters, kernel_size, options);
}

Layer Conv1D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_conv("Conv1D", 1, config, name, place);
}
Layer Conv2D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_conv("Conv2D", 2, config, name, place);
}
Layer Conv3D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_conv("Conv3D", 3, config, name, place);
}

}  // namespace folio
