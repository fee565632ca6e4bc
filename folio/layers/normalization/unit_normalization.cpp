#include "folio/layers/normalization/unit_normalization.h"

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/axes.h"
#include "folio/layers/common/config.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reduce.h"

namespace folio {
namespace {

class UnitNormalizationBody final : public LayerBody {
 public:
  explicit UnitNormalizationBody(std::vector<int64_t> axis) : axis_(std::move(axis)) {
    if (axis_.empty()) throw Error("UnitNormalization: axis: expected at least one dimension, got none");
  }
  std::string class_name() const override { return "UnitNormalization"; }
  bool supports_masking() const override { return true; }
  Values call(const LayerCall& call, Effects&) override {
    return {unit_length(call.input(), axes_of(axis_, call.input().shape()))};
  }
  // Keras keeps what it was given: mostly a number.
  Json config() const override { return {{"axis", axis_.size() == 1 ? Json(axis_[0]) : Json(axis_)}}; }

 private:
  std::vector<int64_t> axis_;
};

}  // namespace

UnitNormalization::UnitNormalization(UnitNormalizationOptions options) {
  body_ = make_body<UnitNormalizationBody>(options.name, options.trainable, std::move(options.axis));
}

Layer UnitNormalization::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  std::vector<int64_t> axis = read.integers("axis", std::vector<int64_t>{-1});
  read.finish();
  return UnitNormalization({.axis = std::move(axis), .name = name});
}

Value unit_length(const Value& x, const std::vector<int>& axes) {
  // Keras' smallest length, 1e-12, squared.
  return x * rsqrt(maximum(sum(square(x), axes, true), 1e-24));
}

}  // namespace folio
