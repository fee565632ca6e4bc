#include "folio/layers/softmax.h"

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/config.h"
#include "folio/ops/softmax.h"

namespace folio {
namespace {

class SoftmaxBody final : public LayerBody {
 public:
  explicit SoftmaxBody(int64_t axis) : axis_(axis) {}
  std::string class_name() const override { return "Softmax"; }
  bool supports_masking() const override { return true; }

  void build(const std::vector<Shape>& inputs) override {
    // Files may count the last dimension from the front.
    if (axis_ != -1 && axis_ != inputs[0].rank() - 1)
      throw Error("axis: expected -1, the last dimension of " + to_string(inputs[0]) + ", got " +
                  std::to_string(axis_) + "; move that dimension to the end");
  }
  Values call(const Values& inputs, CallContext&) override { return {softmax(inputs[0])}; }
  Json config() const override { return {{"axis", axis_}}; }

 private:
  int64_t axis_;
};

}  // namespace

Softmax::Softmax(SoftmaxOptions options) {
  body_ = make_body<SoftmaxBody>(options.name, options.trainable, options.axis);
}

Layer Softmax::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  const int64_t axis = read.integer("axis", -1);
  read.finish();
  return Softmax({.axis = axis, .name = name});
}

}  // namespace folio
