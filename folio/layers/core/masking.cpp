#include "folio/layers/core/masking.h"

#include "folio/base/error.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/layers/core/function.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"

namespace folio {
namespace {

class MaskingBody final : public LayerBody {
 public:
  explicit MaskingBody(double mask_value = 0) : mask_value_(mask_value) {}
  std::string class_name() const override { return "Masking"; }

  Values call(const LayerCall& call, Effects&) override {
    const Value& x = call.input();
    if (x.rank() < 2)
      throw Error("expects at least 2 dimensions (batch, …, features), got " + to_string(x.shape()) +
                  "; add Reshape before it");
    const Value differs = not_equal(x, constant(mask_value_, x.dtype()));
    return {x * stop_gradient(max(differs, {-1}, true))};
  }

  Values compute_masks(const Values& inputs, const Values&) const override {
    return {any_of_last(differs_from(inputs[0], mask_value_))};
  }

  void fields(Fields& f) override { f("mask_value", mask_value_); }

 private:
  double mask_value_;
};

}  // namespace

Masking::Masking(double mask_value, LayerOptions options)
    : Layer(std::make_shared<MaskingBody>(mask_value), options) {}

std::shared_ptr<LayerBody> Masking::blank() { return std::make_shared<MaskingBody>(); }

}  // namespace folio
