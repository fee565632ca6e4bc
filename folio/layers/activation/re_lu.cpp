#include "folio/layers/activation/re_lu.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/config.h"
#include "folio/ops/activations.h"
#include "folio/ops/elementwise.h"

namespace folio {
namespace {

void check_not_negative(const char* option, double value) {
  if (!(value >= 0)) throw Error(fmt::format("ReLU: {}: expected at least 0, got {}", option, value));
}

class ReLUBody final : public LayerBody {
 public:
  explicit ReLUBody(ReLUOptions options) : options_(std::move(options)) {
    if (options_.max_value) check_not_negative("max_value", *options_.max_value);
    check_not_negative("negative_slope", options_.negative_slope);
    check_not_negative("threshold", options_.threshold);
  }
  std::string class_name() const override { return "ReLU"; }
  bool supports_masking() const override { return true; }

  Values call(const LayerCall& call, Effects&) override {
    const Value& x = call.input();
    const double threshold = options_.threshold, slope = options_.negative_slope;
    if (threshold == 0 && slope != 0 && !options_.max_value) return {leaky_relu(x, slope)};
    // At the threshold itself both parts have no slope, as Keras' have none.
    Value y = threshold == 0 ? relu(x) : select(x > threshold, x, constant(0, x.dtype()));
    if (options_.max_value) y = minimum(y, *options_.max_value);
    if (slope != 0) y = y - slope * relu(threshold - x);
    return {y};
  }

  Json config() const override {
    const Json max_value = options_.max_value ? Json(*options_.max_value) : Json();
    return {{"max_value", max_value},
            {"negative_slope", options_.negative_slope},
            {"threshold", options_.threshold}};
  }

 private:
  ReLUOptions options_;
};

}  // namespace

ReLU::ReLU(ReLUOptions options) {
  const std::string name = options.name;
  const bool trainable = options.trainable;
  body_ = make_body<ReLUBody>(name, trainable, std::move(options));
}

Layer ReLU::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  ReLUOptions options;
  options.name = name;
  if (read.has("max_value")) options.max_value = read.number("max_value", 0);
  options.negative_slope = read.number("negative_slope", 0);
  options.threshold = read.number("threshold", 0);
  read.finish();
  return ReLU(std::move(options));
}

}  // namespace folio
