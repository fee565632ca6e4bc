#include "folio/layers/recurrent/time_distributed.h"

#include "folio/base/error.h"
#include "folio/layers/catalog.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/layers/trace.h"
#include "folio/ops/reshape.h"
#include "folio/ops/slice.h"

namespace folio {
namespace {

class TimeDistributedBody final : public LayerBody {
 public:
  explicit TimeDistributedBody(Layer layer = {}) : layer_(std::move(layer)) {}
  std::string class_name() const override { return "TimeDistributed"; }
  CallArgumentList arguments() const override { return {CallArgument::training(), CallArgument::mask()}; }
  bool supports_masking() const override { return true; }
  std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> children() const override {
    if (!layer_.defined()) return {};
    return {{"layer", layer_.handle()}};
  }

  void build(const std::vector<Shape>& inputs) override {
    check(inputs[0]);
    layer_.body().ensure_built({inputs[0].without(1).with(0, kUnknown)});
  }

  Values call(const LayerCall& call, Effects& effects) override {
    const Value& x = call.input();
    check(x.shape());
    if (call.training && layer_.body().mixes_rows()) return {step_by_step(call, effects)};
    const Shape& shape = x.shape();
    const Shape rows = shape.without(1).with(
        0, shape[0] == kUnknown || shape[1] == kUnknown ? kUnknown : shape[0] * shape[1]);
    const Value y = called(reshape(x, rows), {}, call, effects);
    return {reshape(y, Shape{shape[0], shape[1]}.joined(y.shape().from(1)))};
  }

  void fields(Fields& f) override { f("layer", layer_, {.required = true}); }
  void configured() override {
    if (!layer_.defined()) throw Error("layer: expected a layer, got one that was never made");
  }

 private:
  static void check(const Shape& shape) {
    if (shape.rank() < 3)
      throw Error("expects at least 3 dimensions (batch, time, …), got " + to_string(shape) +
                  "; add RepeatVector or Reshape before it");
  }

  // Without the inner layer's penalty on its outputs: Keras leaves it out here.
  Value called(const Value& x, const Value& mask, const LayerCall& call, Effects& effects) const {
    const Values outputs = call_within(call, effects, layer_, {x}, {.mask = mask}, false);
    if (outputs.size() != 1)
      throw Error("layer: expected one output, got " + std::to_string(outputs.size()) +
                  "; wrap a layer with one");
    return outputs[0];
  }

  // The mask says of every step which examples count in it.
  Value step_by_step(const LayerCall& call, Effects& effects) const {
    const Value &x = call.input(), mask = call.mask();
    const Shape step = x.shape().without(1);
    Values outputs;
    for (int64_t t = 0; t < x.shape()[1]; ++t) {
      const Value counts = mask.defined() ? reshape(slice(mask, 1, t, 1), {mask.shape()[0]}) : Value();
      const Value y = called(reshape(slice(x, 1, t, 1), step), counts, call, effects);
      outputs.push_back(reshape(y, y.shape().inserted(1, 1)));
    }
    if (outputs.empty())
      throw Error("needs to know the number of steps to train " + layer_.body().label() + ", got " +
                  to_string(x.shape()));
    return concatenate(outputs, 1);
  }

  Layer layer_;
};

}  // namespace

TimeDistributed::TimeDistributed(Layer layer, LayerOptions options)
    : Layer(std::make_shared<TimeDistributedBody>(std::move(layer)), options) {}

std::shared_ptr<LayerBody> TimeDistributed::blank() { return std::make_shared<TimeDistributedBody>(); }

}  // namespace folio
