#include "folio/layers/normalization/batch_normalization.h"

#include <fmt/format.h>

#include <numeric>

#include "folio/base/error.h"
#include "folio/layers/common/axes.h"
#include "folio/layers/normalization/moments.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"
#include "folio/ops/transpose.h"

namespace folio {
namespace {

class BatchNormalizationBody final : public LayerBody {
 public:
  explicit BatchNormalizationBody(BatchNormalizationOptions options = {}) : options_(std::move(options)) {}
  std::string class_name() const override { return "BatchNormalization"; }
  bool supports_masking() const override { return true; }
  CallArgumentList arguments() const override { return {CallArgument::training(), CallArgument::mask()}; }

  bool mixes_rows() const override { return trainable(); }

  void build(const std::vector<Shape>& inputs) override {
    const Shape channels{inputs[0][axis_in(inputs[0])]};
    if (options_.scale) gamma_ = add_weight("gamma", channels, gamma_rules(options_));
    if (options_.center) beta_ = add_weight("beta", channels, beta_rules(options_));
    moving_mean_ = add_weight("moving_mean", channels, options_.moving_mean_initializer, false);
    moving_variance_ = add_weight("moving_variance", channels, options_.moving_variance_initializer, false);
  }

  Values call(const LayerCall& call, Effects& effects) override {
    const int axis = axis_in(call.input().shape());
    const Value x = exchanged(call.input(), axis);
    if (x.shape()[-1] != moving_mean_.shape()[0])
      throw Error(fmt::format("was built for {} channels, got an input of {}", moving_mean_.shape()[0],
                              to_string(call.input().shape())));
    if (!call.training || !trainable()) {
      // One product and one sum for each element, as Keras has it.
      const Value by = factor(Value(moving_variance_)), shift = -Value(moving_mean_) * by;
      return {exchanged(x * by + (beta_.defined() ? shift + Value(beta_) : shift), axis)};
    }
    std::vector<int> axes(static_cast<size_t>(x.rank() - 1));
    std::iota(axes.begin(), axes.end(), 0);
    // With a mask, only the steps that count.
    const Value counts = call.mask().defined() ? exchanged(spread(call.mask(), call.input()), axis) : Value();
    const auto average = [&](const Value& values) {
      // Keras' formula, with its guard against a mask without ones.
      return counts.defined() ? sum(values * counts, axes) / (sum(counts, axes) + 1e-7) : mean(values, axes);
    };
    const Value batch_mean = average(x), centred = x - batch_mean;
    const Value batch_variance = average(square(centred));
    follow(moving_mean_, batch_mean, effects);
    follow(moving_variance_, batch_variance, effects);
    const Value y = centred * factor(batch_variance);
    return {exchanged(beta_.defined() ? y + Value(beta_) : y, axis)};
  }

  void fields(Fields& f) override {
    // Keras 2 wrote the axis as a list of one.
    f("axis", options_.axis, {.count = 1});
    f("momentum", options_.momentum, {.least = 0, .most = 1});
    scale_and_center_fields(f, options_);
    f("moving_mean_initializer", options_.moving_mean_initializer);
    f("moving_variance_initializer", options_.moving_variance_initializer);
    for (const char* key : {"synchronized", "renorm"}) f.ignore(key, "false");
    f.ignore("renorm_clipping");
    f.ignore("renorm_momentum", "0.99");
  }

 private:
  // The dimension of the channels, counted from the front.
  int axis_in(const Shape& shape) const {
    if (shape.rank() < 2)
      throw Error("expects at least 2 dimensions (batch, channels), got " + to_string(shape) +
                  "; add Reshape before it");
    const int axis = axis_of(options_.axis, shape);
    if (shape[axis] == kUnknown)
      throw Error("needs to know the number of channels, got " + to_string(shape) +
                  "; give Input a complete shape");
    return axis;
  }

  // Dimension `axis` and the last one in each other's place, there and back.
  static Value exchanged(const Value& x, int axis) {
    if (axis == x.rank() - 1) return x;
    std::vector<int> order(static_cast<size_t>(x.rank()));
    std::iota(order.begin(), order.end(), 0);
    std::swap(order[static_cast<size_t>(axis)], order.back());
    return transpose(x, order);
  }

  // A mask for every element.
  static Value spread(const Value& mask, const Value& x) {
    if (mask.rank() + 1 != x.rank())
      throw Error(fmt::format("mask: expected one dimension less than the input {}, got {}",
                              to_string(x.shape()), to_string(mask.shape())));
    return broadcast_to(reshape(mask, mask.shape().joined({1})), x.shape());
  }

  /// What each channel is multiplied by.
  Value factor(const Value& variance) const {
    const Value factor = rsqrt(variance + options_.epsilon);
    return gamma_.defined() ? factor * Value(gamma_) : factor;
  }

  // A layer that is called twice in one step moves twice, the second time from where the first has left.
  void follow(const Parameter& moving, const Value& batch, Effects& effects) const {
    const double momentum = options_.momentum;
    for (Update& earlier : effects.updates) {
      if (!(earlier.parameter == moving)) continue;
      earlier.value = earlier.value * momentum + batch * (1 - momentum);
      return;
    }
    effects.updates.push_back({moving, Value(moving) * momentum + batch * (1 - momentum)});
  }

  BatchNormalizationOptions options_;
  Parameter gamma_, beta_, moving_mean_, moving_variance_;
};

}  // namespace

BatchNormalization::BatchNormalization(BatchNormalizationOptions options)
    : Layer(std::make_shared<BatchNormalizationBody>(options), options) {}

std::shared_ptr<LayerBody> BatchNormalization::blank() { return std::make_shared<BatchNormalizationBody>(); }

}  // namespace folio
