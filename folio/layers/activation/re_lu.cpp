#include "folio/layers/activation/re_lu.h"

#include "folio/layers/common/layer_fields.h"
#include "folio/ops/activations.h"
#include "folio/ops/elementwise.h"

namespace folio {
namespace {

class ReLUBody final : public LayerBody {
 public:
  explicit ReLUBody(ReLUOptions options = {}) : options_(std::move(options)) {}
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

  void fields(Fields& f) override {
    f("max_value", options_.max_value, {.least = 0});
    f("negative_slope", options_.negative_slope, {.least = 0});
    f("threshold", options_.threshold, {.least = 0});
  }

 private:
  ReLUOptions options_;
};

}  // namespace

ReLU::ReLU(ReLUOptions options) : Layer(std::make_shared<ReLUBody>(options), options) {}

std::shared_ptr<LayerBody> ReLU::blank() { return std::make_shared<ReLUBody>(); }

}  // namespace folio
