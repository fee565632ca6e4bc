#include "folio/layers/normalization/group_normalization.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/axes.h"
#include "folio/layers/normalization/moments.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

class GroupNormalizationBody final : public LayerBody {
 public:
  explicit GroupNormalizationBody(GroupNormalizationOptions options) : options_(std::move(options)) {
    check_epsilon("GroupNormalization", options_.epsilon);
    if (options_.groups < 1 && options_.groups != -1)
      throw Error(
          fmt::format("GroupNormalization: groups: expected at least 1, or -1 for one each channel, "
                      "got {}",
                      options_.groups));
  }
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

  Json config() const override {
    Json config = {{"groups", options_.groups}, {"axis", options_.axis}};
    add_scale_and_center(options_, config);
    return config;
  }

 private:
  GroupNormalizationOptions options_;
  int64_t channels_ = 0, groups_ = 0;
  Parameter gamma_, beta_;
};

}  // namespace

GroupNormalization::GroupNormalization(GroupNormalizationOptions options) {
  const std::string name = options.name;
  const bool trainable = options.trainable;
  body_ = make_body<GroupNormalizationBody>(name, trainable, std::move(options));
}

Layer GroupNormalization::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  GroupNormalizationOptions options;
  options.name = name;
  options.groups = read.integer("groups", options.groups);
  options.axis = read.integer("axis", options.axis);
  read_scale_and_center(read, options);
  read.finish();
  return GroupNormalization(std::move(options));
}

}  // namespace folio
