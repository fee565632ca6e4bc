#include "folio/layers/activation/p_re_lu.h"

#include "folio/base/error.h"
#include "folio/layers/common/axes.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/ops/elementwise.h"

namespace folio {
namespace {

class PReLUBody final : public LayerBody {
 public:
  explicit PReLUBody(PReLUOptions options = {}) : options_(std::move(options)) {}
  std::string class_name() const override { return "PReLU"; }
  bool supports_masking() const override { return true; }

  void build(const std::vector<Shape>& inputs) override {
    if (inputs[0].rank() == 0) throw Error("expects a batch, got a scalar; give Input a shape");
    Shape shape = inputs[0].with(0, 1);
    for (int axis : axes_of(options_.shared_axes, shape)) shape[axis] = 1;
    const Shape features = shape.from(1);
    if (!features.known())
      throw Error("needs to know every dimension that has slopes of its own, got " + to_string(inputs[0]) +
                  "; name the others in shared_axes, or give Input a complete shape");
    alpha_ = add_weight("alpha", features,
                        {options_.alpha_initializer, options_.alpha_regularizer, options_.alpha_constraint});
  }

  Values call(const LayerCall& call, Effects&) override {
    const Value& x = call.input();
    check(x.shape());
    return {relu(x) - Value(alpha_) * relu(-x)};
  }

  void fields(Fields& f) override {
    weight_fields(f, "alpha", options_.alpha_initializer, options_.alpha_regularizer,
                  options_.alpha_constraint);
    f("shared_axes", options_.shared_axes, {.empty_as_null = true});
  }

 private:
  void check(const Shape& shape) const {
    const Shape& alpha = alpha_.shape();
    bool fits = shape.rank() == alpha.rank() + 1;
    for (int i = 0; fits && i < alpha.rank(); ++i)
      fits = alpha[i] == 1 || shape[i + 1] == kUnknown || shape[i + 1] == alpha[i];
    if (!fits)
      throw Error("was built for slopes of " + to_string(alpha) + ", got an input of " + to_string(shape));
  }

  PReLUOptions options_;
  Parameter alpha_;
};

}  // namespace

PReLU::PReLU(PReLUOptions options) : Layer(std::make_shared<PReLUBody>(options), options) {}

std::shared_ptr<LayerBody> PReLU::blank() { return std::make_shared<PReLUBody>(); }

}  // namespace folio
