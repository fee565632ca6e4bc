#include <algorithm>
#include "folio/base/error.h"
#include "folio/layers/convolutional/conv1d_transpose.h"
#include "folio/layers/convolutional/conv2d_transpose.h"
#include "folio/layers/convolutional/convolution_base.h"

namespace folio {
namespace {

class ConvTransposeBody final : public ConvolutionBase {
 public:
  ConvTransposeBody(const char* class_name, size_t rank, int64_t filters = 0, const Sizes& kernel_size = {},
                    const ConvTransposeOptions& o = {})
      : ConvolutionBase({class_name, rank, kernel_size, o}),
        filters_(filters),
        output_padding_(o.output_padding),
        rules_{o.kernel_initializer, o.kernel_regularizer, o.kernel_constraint} {}

  void fields(Fields& f) override {
    f("filters", filters_, {.required = true, .least = 1, .most = kLargestSize});
    ConvolutionBase::fields(f);
    weight_fields(f, "kernel", rules_);
    // Older versions of Keras do not know the entry.
    f("output_padding", output_padding_, {.count = rank(), .sparing = true});
  }
  void configured() override {
    ConvolutionBase::configured();
    for (size_t i = 0; i < output_padding_.size(); ++i) {
      // More would ask for cells that no kernel reaches; fewer would leave some of the input out.
      const int64_t odd = padding() == Padding::same ? extent(i) % 2 : 0, most = settings().strides[i] - odd,
                    cells = output_padding_[i], least = padding() == Padding::same ? 1 - odd : 0,
                    largest = padding() == Padding::same ? most : most - 1;
      if (cells < least || cells > largest)
        throw Error("output_padding: expected from " + std::to_string(least) + " to " +
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

}  // namespace

Conv1DTranspose::Conv1DTranspose(int64_t filters, Sizes kernel_size, Conv1DTransposeOptions options)
    : Layer(std::make_shared<ConvTransposeBody>("Conv1DTranspose", 1, filters, kernel_size, options),
            options) {}
Conv2DTranspose::Conv2DTranspose(int64_t filters, Sizes kernel_size, Conv2DTransposeOptions options)
    : Layer(std::make_shared<ConvTransposeBody>("Conv2DTranspose", 2, filters, kernel_size, options),
            options) {}

std::shared_ptr<LayerBody> Conv1DTranspose::blank() {
  return std::make_shared<ConvTransposeBody>("Conv1DTranspose", 1);
}
std::shared_ptr<LayerBody> Conv2DTranspose::blank() {
  return std::make_shared<ConvTransposeBody>("Conv2DTranspose", 2);
}

}  // namespace folio
