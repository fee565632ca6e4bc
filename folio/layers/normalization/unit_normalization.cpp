#include "folio/layers/normalization/unit_normalization.h"

#include "folio/layers/common/axes.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"

namespace folio {
namespace {

class UnitNormalizationBody final : public LayerBody {
 public:
  explicit UnitNormalizationBody(UnitNormalizationOptions options = {}) : axis_(std::move(options.axis)) {}
  std::string class_name() const override { return "UnitNormalization"; }
  bool supports_masking() const override { return true; }
  Values call(const LayerCall& call, Effects&) override {
    return {unit_length(call.input(), axes_of(axis_, call.input().shape()))};
  }
  // Keras keeps what it was given: mostly a number.
  void fields(Fields& f) override { f("axis", axis_, {.not_empty = true, .one_as_number = true}); }

 private:
  std::vector<int64_t> axis_;
};

}  // namespace

UnitNormalization::UnitNormalization(UnitNormalizationOptions options)
    : Layer(std::make_shared<UnitNormalizationBody>(options), options) {}

std::shared_ptr<LayerBody> UnitNormalization::blank() { return std::make_shared<UnitNormalizationBody>(); }

Value unit_length(const Value& x, const std::vector<int>& axes) {
  // Keras' smallest length, 1e-12, squared.
  return x * rsqrt(maximum(sum(square(x), axes, true), 1e-24));
}

}  // namespace folio
