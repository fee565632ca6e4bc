#include "folio/layers/conv2d.h"

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/config.h"
#include "folio/layers/pictures.h"
#include "folio/ops/activations.h"
#include "folio/ops/convolution.h"

namespace folio {
namespace {

class Conv2DBody final : public LayerBody {
 public:
  Conv2DBody(int64_t filters, Pair kernel_size, Conv2DOptions options)
      : filters_(filters), kernel_size_(kernel_size), options_(std::move(options)) {
    check_size("Conv2D", "filters", filters_);
    check_size("Conv2D", "kernel_size", kernel_size_);
    check_size("Conv2D", "strides", options_.strides);
    check_size("Conv2D", "dilation_rate", options_.dilation_rate);
    check_size("Conv2D", "groups", options_.groups);
    if (filters_ % options_.groups)
      throw Error("Conv2D: filters: expected a multiple of groups = " + std::to_string(options_.groups) +
                  ", got " + std::to_string(filters_));
    // Keras refuses the combination, so that a model with it could not go there.
    if (options_.strides != Pair(1) && options_.dilation_rate != Pair(1))
      throw Error("Conv2D: strides and dilation_rate cannot both be above 1; leave one of them at 1");
    activation(options_.activation);
    geometry_ = {options_.strides.vertical,         options_.strides.horizontal,
                 padding_from(options_.padding),    options_.dilation_rate.vertical,
                 options_.dilation_rate.horizontal, options_.groups};
  }
  std::string class_name() const override { return "Conv2D"; }

  void build(const std::vector<Shape>& inputs) override {
    check_pictures(inputs[0]);
    const int64_t channels = inputs[0][3], groups = options_.groups;
    if (channels % groups)
      throw Error("groups = " + std::to_string(groups) + " does not divide the " + std::to_string(channels) +
                  " channels of " + to_string(inputs[0]) + "; choose groups that divide the channels");
    const Shape kernel{kernel_size_.vertical, kernel_size_.horizontal, channels / groups, filters_};
    kernel_ = add_weight("kernel", kernel, options_.kernel_initializer);
    if (options_.use_bias) bias_ = add_weight("bias", {filters_}, options_.bias_initializer);
  }

  Values call(const Values& inputs, CallContext&) override {
    const Shape& shape = inputs[0].shape();
    check_pictures(shape);
    const int64_t channels = kernel_.shape()[2] * options_.groups;
    if (shape[3] != channels)
      throw Error("was built for " + std::to_string(channels) + " channels, got an input of " +
                  to_string(shape));
    Value y = convolution_2d(inputs[0], Value(kernel_), geometry_);
    if (bias_.defined()) y = y + Value(bias_);
    return {activation(options_.activation).apply(y)};
  }

  Json config() const override {
    return {{"filters", filters_},
            {"kernel_size", config_of(kernel_size_)},
            {"strides", config_of(options_.strides)},
            {"padding", options_.padding},
            {"data_format", DataFormat::name()},
            {"dilation_rate", config_of(options_.dilation_rate)},
            {"groups", options_.groups},
            {"activation", activation(options_.activation).name},
            {"use_bias", options_.use_bias},
            {"kernel_initializer", options_.kernel_initializer.config()},
            {"bias_initializer", options_.bias_initializer.config()},
            {"kernel_regularizer", nullptr},
            {"bias_regularizer", nullptr},
            {"activity_regularizer", nullptr},
            {"kernel_constraint", nullptr},
            {"bias_constraint", nullptr}};
  }

 private:
  int64_t filters_;
  Pair kernel_size_;
  Conv2DOptions options_;
  ConvolutionOptions geometry_;
  Parameter kernel_, bias_;
};

}  // namespace

Conv2D::Conv2D(int64_t filters, Pair kernel_size, Conv2DOptions options) {
  const std::string name = options.name;
  const bool trainable = options.trainable;
  body_ = make_body<Conv2DBody>(name, trainable, filters, kernel_size, std::move(options));
}

Layer Conv2D::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  Conv2DOptions options;
  options.name = name;
  const int64_t filters = read.integer("filters");
  if (!read.has("kernel_size")) read.fail("kernel_size", "a whole number or a list of 2");
  const Pair kernel_size = read_pair(read, "kernel_size", {});
  options.strides = read_pair(read, "strides", 1);
  options.padding = read.text("padding", "valid");
  options.data_format = DataFormat::from_config(read);
  options.dilation_rate = read_pair(read, "dilation_rate", 1);
  options.groups = read.integer("groups", 1);
  options.activation = read.activation("activation");
  options.use_bias = read.flag("use_bias", true);
  options.kernel_initializer = read.initializer("kernel_initializer", "glorot_uniform");
  options.bias_initializer = read.initializer("bias_initializer", "zeros");
  for (const char* key : {"kernel_regularizer", "bias_regularizer", "activity_regularizer",
                          "kernel_constraint", "bias_constraint"})
    read.ignore(key);
  read.finish();
  return Conv2D(filters, kernel_size, std::move(options));
}

}  // namespace folio
