#include "folio/layers/preprocessing/rescaling.h"

#include "folio/layers/common/layer_fields.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"

namespace folio {
namespace {

class RescalingBody final : public LayerBody {
 public:
  explicit RescalingBody(double scale = 1, double offset = 0) : scale_(scale), offset_(offset) {}
  std::string class_name() const override { return "Rescaling"; }
  bool supports_masking() const override { return true; }
  Values call(const LayerCall& call, Effects&) override {
    const Value x = is_floating(call.input().dtype()) ? call.input() : cast(call.input(), floatx());
    return {x * scale_ + offset_};
  }
  void fields(Fields& f) override {
    f("scale", scale_, {.required = true});
    f("offset", offset_);
  }

 private:
  double scale_, offset_;
};

}  // namespace

Rescaling::Rescaling(double scale, double offset, LayerOptions options)
    : Layer(std::make_shared<RescalingBody>(scale, offset), options) {}

std::shared_ptr<LayerBody> Rescaling::blank() { return std::make_shared<RescalingBody>(); }

}  // namespace folio
