#include "folio/layers/normalization/layer_normalization.h"

#include "folio/base/error.h"
#include "folio/layers/common/axes.h"
#include "folio/layers/normalization/moments.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

class LayerNormalizationBody final : public LayerBody {
 public:
  explicit LayerNormalizationBody(LayerNormalizationOptions options = {}) : options_(std::move(options)) {}
  std::string class_name() const override { return "LayerNormalization"; }
  bool supports_masking() const override { return true; }

  void build(const std::vector<Shape>& inputs) override {
    sizes_ = sizes_of(inputs[0], axes_of(options_.axis, inputs[0]));
    if (options_.scale || options_.rms_scaling) gamma_ = add_weight("gamma", sizes_, gamma_rules(options_));
    if (options_.center && !options_.rms_scaling) beta_ = add_weight("beta", sizes_, beta_rules(options_));
  }

  Values call(const LayerCall& call, Effects&) override {
    const Shape& shape = call.input().shape();
    const std::vector<int> axes = axes_of(options_.axis, shape);
    if (sizes_of(shape, axes) != sizes_)
      throw Error("was built for dimensions of " + to_string(sizes_) + ", got an input of " +
                  to_string(shape));
    const Shape stretched = stretched_shape(shape, axes);
    Value y = options_.rms_scaling ? call.input() * inverse_deviation(call.input(), axes, options_.epsilon)
                                   : standardized(call.input(), axes, options_.epsilon);
    if (gamma_.defined()) y = y * reshape(gamma_, stretched);
    if (beta_.defined()) y = y + reshape(beta_, stretched);
    return {y};
  }

  void fields(Fields& f) override {
    f("axis", options_.axis, {.not_empty = true});
    scale_and_center_fields(f, options_);
    // Keras has left the entry out again.
    f("rms_scaling", options_.rms_scaling, {.sparing = true});
  }

 private:
  LayerNormalizationOptions options_;
  Shape sizes_;
  Parameter gamma_, beta_;
};

}  // namespace

LayerNormalization::LayerNormalization(LayerNormalizationOptions options)
    : Layer(std::make_shared<LayerNormalizationBody>(options), options) {}

std::shared_ptr<LayerBody> LayerNormalization::blank() { return std::make_shared<LayerNormalizationBody>(); }

}  // namespace folio
