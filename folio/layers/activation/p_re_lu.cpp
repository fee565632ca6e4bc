#include "folio/layers/activation/p_re_lu.h"

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/axes.h"
#include "folio/layers/common/config.h"
#include "folio/ops/elementwise.h"

namespace folio {
namespace {

class PReLUBody final : public LayerBody {
 public:
  explicit PReLUBody(PReLUOptions options) : options_(std::move(options)) {}
  std::string class_name() const override { return "PReLU"; }
  bool supports_masking() const override { return true; }

  void build(const std::vector<Shape>& inputs) override {
    if (inputs[0].rank() == 0) throw Error("expects a batch, got a scalar; give Input a shape");
    Shape shape = inputs[0].with(0, 1);
    for (int axis : axes_of(options_.shared_axes, shape)) shape[axis] = 1;
    const Shape features = shape.from(1);
    if (!features.known())
      throw Error("needs to know every dimension that has slopes of its own, got " + to_string(inputs[0]) +
                  "; name the others in shared_axes, or give Input a complete shape");
    alpha_ = add_weight("alpha", features, rules());
  }

  Values call(const LayerCall& call, Effects&) override {
    const Value& x = call.input();
    check(x.shape());
    return {relu(x) - Value(alpha_) * relu(-x)};
  }

  Json config() const override {
    Json config = {{"shared_axes", options_.shared_axes.empty() ? Json() : Json(options_.shared_axes)}};
    rules().write(config, "alpha");
    return config;
  }

 private:
  WeightRules rules() const {
    return {options_.alpha_initializer, options_.alpha_regularizer, options_.alpha_constraint};
  }
  void check(const Shape& shape) const {
    const Shape& alpha = alpha_.shape();
    bool fits = shape.rank() == alpha.rank() + 1;
    for (int i = 0; fits && i < alpha.rank(); ++i)
      fits = alpha[i] == 1 || shape[i + 1] == kUnknown || shape[i + 1] == alpha[i];
    if (!fits)
      throw Error("was built for slopes of " + to_string(alpha) + ", got an input of " + to_string(shape));
  }

  PReLUOptions options_;
  Parameter alpha_;
};

}  // namespace

PReLU::PReLU(PReLUOptions options) {
  const std::string name = options.name;
  const bool trainable = options.trainable;
  body_ = make_body<PReLUBody>(name, trainable, std::move(options));
}

Layer PReLU::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  PReLUOptions options;
  options.name = name;
  const WeightRules alpha = read.weight("alpha", "zeros");
  options.alpha_initializer = alpha.initializer, options.alpha_regularizer = alpha.regularizer;
  options.alpha_constraint = alpha.constraint;
  options.shared_axes = read.integers("shared_axes", std::vector<int64_t>{});
  read.finish();
  return PReLU(std::move(options));
}

}  // namespace folio
