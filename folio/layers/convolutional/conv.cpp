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
  ConvBody(const char* class_name, size_t rank, int64_t filters = 0, const Sizes& kernel_size = {},
           const ConvOptions& o = {})
      : ConvolutionBase({class_name, rank, kernel_size, o}),
        filters_(filters),
        groups_(o.groups),
        rules_{o.kernel_initializer, o.kernel_regularizer, o.kernel_constraint} {}

  void fields(Fields& f) override {
    f("filters", filters_, {.required = true, .least = 1, .most = kLargestSize});
    f("groups", groups_, {.least = 1, .most = kLargestSize});
    ConvolutionBase::fields(f);
    weight_fields(f, "kernel", rules_);
  }
  void configured() override {
    ConvolutionBase::configured();
    if (filters_ % groups_)
      throw Error("filters: expected a multiple of groups = " + std::to_string(groups_) + ", got " +
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

 private:
  const char* paddings() const override { return rank() == 1 ? "valid same causal" : "valid same"; }

  int64_t filters_, groups_;
  WeightRules rules_;
  Parameter kernel_;
};

}  // namespace

Conv1D::Conv1D(int64_t filters, Sizes kernel_size, Conv1DOptions options)
    : Layer(std::make_shared<ConvBody>("Conv1D", 1, filters, kernel_size, options), options) {}
Conv2D::Conv2D(int64_t filters, Sizes kernel_size, Conv2DOptions options)
    : Layer(std::make_shared<ConvBody>("Conv2D", 2, filters, kernel_size, options), options) {}
Conv3D::Conv3D(int64_t filters, Sizes kernel_size, Conv3DOptions options)
    : Layer(std::make_shared<ConvBody>("Conv3D", 3, filters, kernel_size, options), options) {}

std::shared_ptr<LayerBody> Conv1D::blank() { return std::make_shared<ConvBody>("Conv1D", 1); }
std::shared_ptr<LayerBody> Conv2D::blank() { return std::make_shared<ConvBody>("Conv2D", 2); }
std::shared_ptr<LayerBody> Conv3D::blank() { return std::make_shared<ConvBody>("Conv3D", 3); }

}  // namespace folio
