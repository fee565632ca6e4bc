#include <algorithm>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/convolutional/conv1d_transpose.h"
#include "folio/layers/convolutional/conv2d_transpose.h"
#include "folio/layers/convolutional/convolution_base.h"

namespace folio {
namespace {

class ConvTransposeBody final : public ConvolutionBase {
 public:
  /// `output_padding` is empty when not given.
  ConvTransposeBody(ConvolutionSettings given, int64_t filters, Sizes output_padding, WeightRules kernel)
      : ConvolutionBase(std::move(given)),
        filters_(filters),
        output_padding_(std::move(output_padding)),
        rules_(std::move(kernel)) {
    check_size(settings().class_name, "filters", filters_);
    for (size_t i = 0; i < output_padding_.size(); ++i) {
      // More would ask for cells that no kernel reaches; fewer would leave some of the input out.
      const int64_t odd = padding() == Padding::same ? extent(i) % 2 : 0, most = settings().strides[i] - odd,
                    cells = output_padding_[i], least = padding() == Padding::same ? 1 - odd : 0,
                    largest = padding() == Padding::same ? most : most - 1;
      if (cells < least || cells > largest)
        throw Error(class_name() + ": output_padding: expected from " + std::to_string(least) + " to " +
                    std::to_string(largest) + " for these strides and kernels, got " + std::to_string(cells));
    }
  }

  void build(const std::vector<Shape>& inputs) override {
    const int64_t channels = channels_of(inputs[0]);
    kernel_ = add_weight("kernel", kernel_shape(filters_, channels), rules_);
    add_bias(filters_);
  }

  Values call(const LayerCall& call, Effects&) override {
    const Value& x = call.input();
    check(x.shape());
    const bool sequences = rank() == 1;
    // The picture that a convolution with the same settings would make into x.
    const int64_t height = sequences ? 1 : output(0, x.shape()[1]), width = output(rank() - 1, x.shape()[-2]);
    const Value y = apply_one(std::make_shared<Convolution2DInputGradientOp>(plane_options(1), height, width),
                              {sequences ? row_of_cells(x) : x, plane_kernel(Value(kernel_))});
    return {finished(sequences ? without_rows(y) : y)};
  }

  Json config() const override {
    Json config = ConvolutionBase::config();
    config["filters"] = filters_;
    rules_.write(config, "kernel");
    // Older versions of Keras do not know the entry.
    if (!output_padding_.empty()) config["output_padding"] = output_padding_;
    return config;
  }

 private:
  int64_t extent(size_t i) const {
    return Window{settings().kernel_size[i], 1, settings().dilation_rate[i]}.extent();
  }

  int64_t output(size_t i, int64_t input) const {
    if (input == kUnknown) return kUnknown;
    const int64_t stride = settings().strides[i];
    const bool same = padding() == Padding::same;
    if (output_padding_.empty())
      return same ? input * stride : (input - 1) * stride + std::max(extent(i), stride);
    return (input - 1) * stride + (same ? extent(i) % 2 : extent(i)) + output_padding_[i];
  }

  int64_t filters_;
  Sizes output_padding_;
  WeightRules rules_;
  Parameter kernel_;
};

template <class Options, class Size>
std::shared_ptr<LayerBody> body_of(const char* class_name, int64_t filters, const Size& kernel_size,
                                   const Options& options) {
  return make_body<ConvTransposeBody>(
      options.name, options.trainable, convolution_settings(class_name, kernel_size, options), filters,
      options.output_padding ? sizes_of(*options.output_padding) : Sizes(),
      WeightRules{options.kernel_initializer, options.kernel_regularizer, options.kernel_constraint});
}

Layer read_conv_transpose(const char* class_name, size_t rank, const Json& config, const std::string& name,
                          const std::string& place) {
  ConfigReader read(config, place);
  const int64_t filters = read.integer("filters");
  ConvolutionSettings settings = ConvolutionSettings::read(read, class_name, rank);
  Sizes output_padding = read_sizes(read, "output_padding", rank, {});
  WeightRules kernel = read.weight("kernel", "glorot_uniform");
  read.finish();
  return Layer(make_body<ConvTransposeBody>(name, true, std::move(settings), filters,
                                            std::move(output_padding), std::move(kernel)));
}

}  // namespace

Conv1DTranspose::Conv1DTranspose(int64_t filters, int64_t kernel_size, Conv1DTransposeOptions options) {
  body_ = body_of("Conv1DTranspose", filters, kernel_size, options);
}
Conv2DTranspose::Conv2DTranspose(int64_t filters, Pair kernel_size, Conv2DTransposeOptions options) {
  body_ = body_of("Conv2DTranspose", filters, kernel_size, options);
}

Layer Conv1DTranspose::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_conv_transpose("Conv1DTranspose", 1, config, name, place);
}
Layer Conv2DTranspose::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_conv_transpose("Conv2DTranspose", 2, config, name, place);
}

}  // namespace folio
