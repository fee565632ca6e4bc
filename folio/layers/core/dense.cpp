#include "folio/layers/core/dense.h"

#include "folio/base/error.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/matmul.h"

namespace folio {
namespace {

class DenseBody final : public LayerBody {
 public:
  explicit DenseBody(int64_t units = 0, DenseOptions options = {})
      : units_(units), options_(std::move(options)) {}
  std::string class_name() const override { return "Dense"; }
  bool supports_masking() const override { return true; }

  void build(const std::vector<Shape>& inputs) override {
    check(inputs[0]);
    const DenseOptions& o = options_;
    kernel_ = add_weight("kernel", {inputs[0][-1], units_},
                         {o.kernel_initializer, o.kernel_regularizer, o.kernel_constraint});
    if (o.use_bias)
      bias_ = add_weight("bias", {units_}, {o.bias_initializer, o.bias_regularizer, o.bias_constraint});
  }

  Values call(const LayerCall& call, Effects&) override {
    check(call.input().shape());
    if (call.input().shape()[-1] != kernel_.shape()[0])
      throw Error("was built for " + std::to_string(kernel_.shape()[0]) + " features, got an input of " +
                  to_string(call.input().shape()));
    Value y = matmul(call.input(), Value(kernel_));
    if (bias_.defined()) y = y + Value(bias_);
    return {options_.activation.apply(y)};
  }

  void fields(Fields& f) override {
    DenseOptions& o = options_;
    f("units", units_, {.required = true, .least = 1});
    activation_field(f, o.activation);
    f("use_bias", o.use_bias);
    weight_fields(f, "kernel", o.kernel_initializer, o.kernel_regularizer, o.kernel_constraint);
    weight_fields(f, "bias", o.bias_initializer, o.bias_regularizer, o.bias_constraint);
    f("activity_regularizer", o.activity_regularizer, {.sparing = true});
    for (const char* key : {"lora_rank", "quantization_config"}) f.ignore(key);
  }
  std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> children() const override {
    return options_.activation.children();
  }
  void configured() override { set_activity_regularizer(options_.activity_regularizer); }

 private:
  static void check(const Shape& shape) {
    if (shape.rank() < 2)
      throw Error("expects at least 2 dimensions (batch, features), got " + to_string(shape) +
                  "; add Flatten or Reshape before it");
    if (shape[-1] == kUnknown)
      throw Error("needs to know the number of features, got " + to_string(shape) +
                  "; give Input a complete shape");
  }

  int64_t units_;
  DenseOptions options_;
  Parameter kernel_, bias_;
};

}  // namespace

Dense::Dense(int64_t units, DenseOptions options)
    : Layer(std::make_shared<DenseBody>(units, options), options) {}

std::shared_ptr<LayerBody> Dense::blank() { return std::make_shared<DenseBody>(); }

}  // namespace folio
