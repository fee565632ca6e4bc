#include "folio/layers/normalization/layer_normalization.h"

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/axes.h"
#include "folio/layers/normalization/moments.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

class LayerNormalizationBody final : public LayerBody {
 public:
  explicit LayerNormalizationBody(LayerNormalizationOptions options) : options_(std::move(options)) {
    check_epsilon("LayerNormalization", options_.epsilon);
    if (options_.axis.empty())
      throw Error("LayerNormalization: axis: expected at least one dimension, got none");
  }
  std::string class_name() const override { return "LayerNormalization"; }
  bool supports_masking() const override { return true; }

  void build(const std::vector<Shape>& inputs) override {
    sizes_ = sizes_of(inputs[0], axes_of(options_.axis, inputs[0]));
    if (options_.scale) gamma_ = add_weight("gamma", sizes_, gamma_rules(options_));
    if (options_.center) beta_ = add_weight("beta", sizes_, beta_rules(options_));
  }

  Values call(const LayerCall& call, Effects&) override {
    const Shape& shape = call.input().shape();
    const std::vector<int> axes = axes_of(options_.axis, shape);
    if (sizes_of(shape, axes) != sizes_)
      throw Error("was built for dimensions of " + to_string(sizes_) + ", got an input of " +
                  to_string(shape));
    const Shape stretched = stretched_shape(shape, axes);
    Value y = standardized(call.input(), axes, options_.epsilon);
    if (gamma_.defined()) y = y * reshape(gamma_, stretched);
    if (beta_.defined()) y = y + reshape(beta_, stretched);
    return {y};
  }

  Json config() const override {
    Json config = {{"axis", options_.axis}};
    add_scale_and_center(options_, config);
    return config;
  }

 private:
  LayerNormalizationOptions options_;
  Shape sizes_;
  Parameter gamma_, beta_;
};

}  // namespace

LayerNormalization::LayerNormalization(LayerNormalizationOptions options) {
  const std::string name = options.name;
  const bool trainable = options.trainable;
  body_ = make_body<LayerNormalizationBody>(name, trainable, std::move(options));
}

Layer LayerNormalization::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  LayerNormalizationOptions options;
  options.name = name;
  options.axis = read.integers("axis", options.axis);
  read_scale_and_center(read, options);
  read.ignore("rms_scaling", {false});
  read.finish();
  return LayerNormalization(std::move(options));
}

}  // namespace folio
