#include "folio/layers/normalization/rms_normalization.h"

#include "folio/base/error.h"
#include "folio/layers/common/axes.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

class RMSNormalizationBody final : public LayerBody {
 public:
  explicit RMSNormalizationBody(RMSNormalizationOptions options = {}) : options_(std::move(options)) {}
  std::string class_name() const override { return "RMSNormalization"; }
  bool supports_masking() const override { return true; }

  void build(const std::vector<Shape>& inputs) override {
    sizes_ = sizes_of(inputs[0], axes_of(options_.axis, inputs[0]));
    scale_ = add_weight("scale", sizes_, "ones");
  }

  Values call(const LayerCall& call, Effects&) override {
    const Value& x = call.input();
    const std::vector<int> axes = axes_of(options_.axis, x.shape());
    if (sizes_of(x.shape(), axes) != sizes_)
      throw Error("was built for dimensions of " + to_string(sizes_) + ", got an input of " +
                  to_string(x.shape()));
    const Value factor = rsqrt(mean(square(x), axes, true) + options_.epsilon);
    return {x * factor * reshape(scale_, stretched_shape(x.shape(), axes))};
  }

  void fields(Fields& f) override {
    f("axis", options_.axis, {.not_empty = true});
    f("epsilon", options_.epsilon, {.least = 0});
  }

 private:
  RMSNormalizationOptions options_;
  Shape sizes_;
  Parameter scale_;
};

}  // namespace

RMSNormalization::RMSNormalization(RMSNormalizationOptions options)
    : Layer(std::make_shared<RMSNormalizationBody>(options), options) {}

std::shared_ptr<LayerBody> RMSNormalization::blank() { return std::make_shared<RMSNormalizationBody>(); }

}  // namespace folio
