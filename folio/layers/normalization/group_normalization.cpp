#include "folio/layers/normalization/group_normalization.h"

#include <fmt/format.h>

#include "folio/base/error.h"
#include "folio/layers/common/axes.h"
#include "folio/layers/normalization/moments.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

class GroupNormalizationBody final : public LayerBody {
 public:
  explicit GroupNormalizationBody(GroupNormalizationOptions options = {}) : options_(std::move(options)) {}
  std::string class_name() const override { return "GroupNormalization"; }
  bool supports_masking() const override { return true; }

  void build(const std::vector<Shape>& inputs) override {
    const Shape channels = sizes_of(inputs[0], {axis_of(options_.axis, inputs[0])});
    channels_ = channels[0];
    groups_ = options_.groups == -1 ? channels_ : options_.groups;
    if (channels_ % groups_)
      throw Error(
          fmt::format("groups = {} does not divide the {} channels of {}; choose groups that divide "
                      "the channels",
                      groups_, channels_, to_string(inputs[0])));
    if (options_.scale) gamma_ = add_weight("gamma", channels, gamma_rules(options_));
    if (options_.center) beta_ = add_weight("beta", channels, beta_rules(options_));
  }

  Values call(const LayerCall& call, Effects&) override {
    const Shape& shape = call.input().shape();
    const int axis = axis_of(options_.axis, shape);
    if (shape[axis] != channels_)
      throw Error(fmt::format("was built for {} channels, got an input of {}", channels_, to_string(shape)));
    // The channels become (groups, channels of a group).
    const Shape grouped = shape.with(axis, channels_ / groups_).inserted(axis, groups_);
    std::vector<int> axes;
    for (int i = 1; i < grouped.rank(); ++i)
      if (i != axis) axes.push_back(i);
    Value y = reshape(standardized(reshape(call.input(), grouped), axes, options_.epsilon), shape);
    const Shape stretched = stretched_shape(shape, {axis});
    if (gamma_.defined()) y = y * reshape(gamma_, stretched);
    if (beta_.defined()) y = y + reshape(beta_, stretched);
    return {y};
  }

  void fields(Fields& f) override {
    f("groups", options_.groups);
    f("axis", options_.axis);
    scale_and_center_fields(f, options_);
  }
  void configured() override {
    if (options_.groups < 1 && options_.groups != -1)
      throw Error(
          fmt::format("groups: expected at least 1, or -1 for one each channel, got {}", options_.groups));
  }

 private:
  GroupNormalizationOptions options_;
  int64_t channels_ = 0, groups_ = 0;
  Parameter gamma_, beta_;
};

}  // namespace

GroupNormalization::GroupNormalization(GroupNormalizationOptions options)
    : Layer(std::make_shared<GroupNormalizationBody>(options), options) {}

std::shared_ptr<LayerBody> GroupNormalization::blank() { return std::make_shared<GroupNormalizationBody>(); }

}  // namespace folio
