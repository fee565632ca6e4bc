#include "folio/layers/core/dense.h"

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/config.h"
#include "folio/ops/activations.h"
#include "folio/ops/matmul.h"

namespace folio {
namespace {

class DenseBody final : public LayerBody {
 public:
  DenseBody(int64_t units, DenseOptions options) : units_(units), options_(std::move(options)) {
    if (units < 1) throw Error("Dense: units: expected at least 1, got " + std::to_string(units));
    activation(options_.activation);
    set_activity_regularizer(options_.activity_regularizer);
  }
  std::string class_name() const override { return "Dense"; }
  bool supports_masking() const override { return true; }

  void build(const std::vector<Shape>& inputs) override {
    check(inputs[0]);
    kernel_ = add_weight("kernel", {inputs[0][-1], units_}, kernel_rules());
    if (options_.use_bias) bias_ = add_weight("bias", {units_}, bias_rules());
  }

  Values call(const LayerCall& call, Effects&) override {
    check(call.input().shape());
    if (call.input().shape()[-1] != kernel_.shape()[0])
      throw Error("was built for " + std::to_string(kernel_.shape()[0]) + " features, got an input of " +
                  to_string(call.input().shape()));
    Value y = matmul(call.input(), Value(kernel_));
    if (bias_.defined()) y = y + Value(bias_);
    return {activation(options_.activation).apply(y)};
  }

  Json config() const override {
    Json config = {{"units", units_},
                   {"activation", activation(options_.activation).name},
                   {"use_bias", options_.use_bias}};
    kernel_rules().write(config, "kernel");
    bias_rules().write(config, "bias");
    if (options_.activity_regularizer.defined())
      config["activity_regularizer"] = options_.activity_regularizer.config();
    return config;
  }

 private:
  WeightRules kernel_rules() const {
    return {options_.kernel_initializer, options_.kernel_regularizer, options_.kernel_constraint};
  }
  WeightRules bias_rules() const {
    return {options_.bias_initializer, options_.bias_regularizer, options_.bias_constraint};
  }
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

Dense::Dense(int64_t units, DenseOptions options) {
  const std::string name = options.name;
  const bool trainable = options.trainable;
  body_ = make_body<DenseBody>(name, trainable, units, std::move(options));
}

Layer Dense::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  DenseOptions options;
  options.name = name;
  options.activation = read.activation("activation");
  options.use_bias = read.flag("use_bias", true);
  options.kernel_initializer = read.initializer("kernel_initializer", "glorot_uniform");
  options.bias_initializer = read.initializer("bias_initializer", "zeros");
  options.kernel_regularizer = read.regularizer("kernel_regularizer");
  options.bias_regularizer = read.regularizer("bias_regularizer");
  options.kernel_constraint = read.constraint("kernel_constraint");
  options.bias_constraint = read.constraint("bias_constraint");
  options.activity_regularizer = read.regularizer("activity_regularizer");
  for (const char* key : {"lora_rank", "quantization_config"}) read.ignore(key);
  const int64_t units = read.integer("units");
  read.finish();
  return Dense(units, std::move(options));
}

}  // namespace folio
