#include "folio/layers/preprocessing/rescaling.h"

#include <nlohmann/json.hpp>

#include "folio/layers/common/config.h"
#include "folio/ops/cast.h"
#include "folio/ops/elementwise.h"

namespace folio {
namespace {

class RescalingBody final : public LayerBody {
 public:
  RescalingBody(double scale, double offset) : scale_(scale), offset_(offset) {}
  std::string class_name() const override { return "Rescaling"; }
  bool supports_masking() const override { return true; }
  Values call(const LayerCall& call, Effects&) override {
    const Value x = is_floating(call.input().dtype()) ? call.input() : cast(call.input(), floatx());
    return {x * scale_ + offset_};
  }
  Json config() const override { return {{"scale", scale_}, {"offset", offset_}}; }

 private:
  double scale_, offset_;
};

}  // namespace

Rescaling::Rescaling(double scale, double offset, LayerOptions options) {
  body_ = make_body<RescalingBody>(options.name, options.trainable, scale, offset);
}

Layer Rescaling::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  if (!read.has("scale")) read.fail("scale", "a number");
  const double scale = read.number("scale", 1), offset = read.number("offset", 0);
  read.finish();
  return Rescaling(scale, offset, {.name = name});
}

}  // namespace folio
