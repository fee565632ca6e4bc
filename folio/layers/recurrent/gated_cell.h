// What Keras' cells of fully connected gates have in common: their settings, weights and dropout.
#pragma once
#include "folio/layers/common/layer_fields.h"
#include "folio/layers/recurrent/cell.h"
#include "folio/ops/dropout.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/matmul.h"
#include "folio/ops/reshape.h"
#include "folio/ops/slice.h"

namespace folio {

/// The settings that cells and the layers around them have, from one to the other.
template <class CellOptions, class Options>
CellOptions cell_options(const Options& o) {
  CellOptions c;
  c.activation = o.activation;
  if constexpr (requires { c.recurrent_activation; }) c.recurrent_activation = o.recurrent_activation;
  c.use_bias = o.use_bias;
  c.kernel_initializer = o.kernel_initializer;
  c.recurrent_initializer = o.recurrent_initializer;
  c.bias_initializer = o.bias_initializer;
  if constexpr (requires { c.unit_forget_bias; }) c.unit_forget_bias = o.unit_forget_bias;
  c.kernel_regularizer = o.kernel_regularizer;
  c.recurrent_regularizer = o.recurrent_regularizer;
  c.bias_regularizer = o.bias_regularizer;
  c.kernel_constraint = o.kernel_constraint;
  c.recurrent_constraint = o.recurrent_constraint;
  c.bias_constraint = o.bias_constraint;
  c.dropout = o.dropout;
  c.recurrent_dropout = o.recurrent_dropout;
  if constexpr (requires { c.reset_after; }) c.reset_after = o.reset_after;
  c.seed = o.seed;
  return c;
}

/// What a call has drawn: for each input element and state element whether it is dropped, the same at every
/// step; for each gate its own, or one for all. Empty without dropout.
struct CellDropout {
  std::function<Values(const Value& input)> inputs;
  Values states;
};

/// Gates side by side in one kernel (features, gates · units) and one recurrent kernel (units, gates ·
/// units).
template <class Options>
class GatedCellBody : public CellBody {
 public:
  GatedCellBody(int64_t gates, int64_t units, Options options)
      : gates_(gates), units_(units), options_(std::move(options)) {}

  void build(const std::vector<Shape>& inputs) override {
    const Shape& shape = inputs[0];
    if (shape.rank() != 2 || shape[-1] == kUnknown)
      throw Error("expects steps of (batch, features) with a known number of features, got " +
                  to_string(shape));
    const Options& o = options_;
    kernel_ = add_weight("kernel", {shape[-1], gates_ * units_},
                         {o.kernel_initializer, o.kernel_regularizer, o.kernel_constraint});
    recurrent_kernel_ =
        add_weight("recurrent_kernel", {units_, gates_ * units_},
                   {o.recurrent_initializer, o.recurrent_regularizer, o.recurrent_constraint});
    if (o.use_bias)
      bias_ = add_weight("bias", bias_shape(), {o.bias_initializer, o.bias_regularizer, o.bias_constraint});
  }

  void fields(Fields& f) override {
    Options& o = options_;
    f("units", units_, {.required = true, .least = 1, .most = kLargestSize});
    activation_field(f, o.activation);
    if constexpr (requires { o.recurrent_activation; })
      activation_field(f, o.recurrent_activation, "recurrent_activation");
    f("use_bias", o.use_bias);
    weight_fields(f, "kernel", o.kernel_initializer, o.kernel_regularizer, o.kernel_constraint);
    weight_fields(f, "recurrent", o.recurrent_initializer, o.recurrent_regularizer, o.recurrent_constraint);
    weight_fields(f, "bias", o.bias_initializer, o.bias_regularizer, o.bias_constraint);
    if constexpr (requires { o.unit_forget_bias; }) f("unit_forget_bias", o.unit_forget_bias);
    f("dropout", o.dropout, {.least = 0, .below = 1});
    f("recurrent_dropout", o.recurrent_dropout, {.least = 0, .below = 1});
    if constexpr (requires { o.reset_after; }) f("reset_after", o.reset_after);
    f("seed", o.seed);
    f.ignore_any("implementation");  // Keras' ways to the same numbers
  }

  std::vector<Shape> state_shapes(const Shape&) const override { return {{units_}}; }
  std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> children() const override {
    auto inside = options_.activation.children();
    if constexpr (requires { options_.recurrent_activation; })
      for (const auto& [place, layer] : options_.recurrent_activation.children())
        inside.emplace_back("recurrent_activation", layer);
    return inside;
  }

 protected:
  virtual Shape bias_shape() const { return {gates_ * units_}; }
  const Options& options() const { return options_; }
  int64_t units() const { return units_; }
  Value activated(const Value& x) const { return options_.activation.apply(x); }
  Value gated(const Value& x) const { return options_.recurrent_activation.apply(x); }

  /// Keras draws a mask for each gate where states are dropped, and one for all gates where inputs alone are.
  CellDropout dropout_of(const LayerCall& call, Effects& effects) const {
    const double rate = options_.dropout, recurrent_rate = options_.recurrent_dropout;
    const int masks = recurrent_rate > 0 ? static_cast<int>(gates_) : 1;
    // Counted in every mode, so that the random calls after this one keep their numbers.
    const uint32_t site = rate > 0 ? effects.random_site() : 0;
    const uint32_t recurrent_site = recurrent_rate > 0 ? effects.random_site() : 0;
    if (!call.training || (rate == 0 && recurrent_rate == 0))
      return {[](const Value& input) { return Values{input}; }, {}};
    if (!call.step.defined())
      throw Error(
          "needs the number of the step while training; trace the model with .step, an optimizer's "
          "iterations() for example");
    const uint64_t seed = options_.seed ? static_cast<uint64_t>(*options_.seed) : call.seed;
    const auto draw = [=, step = call.step](int64_t batch, int64_t size, double p, uint32_t place) {
      const Value ones = broadcast_to(constant(1, floatx()), {batch, masks * size});
      return split(folio::dropout(ones, step, p, seed, place), masks);
    };
    CellDropout result;
    if (recurrent_rate > 0)
      result.states = draw(call.input().shape()[0], units_, recurrent_rate, recurrent_site);
    result.inputs = [=](const Value& input) {
      if (rate == 0) return Values{input};
      Values dropped;
      for (const Value& mask : draw(input.shape()[0], input.shape()[-1], rate, site))
        dropped.push_back(input * (input.rank() == 2 ? mask : reshape(mask, mask.shape().inserted(1, 1))));
      return dropped;
    };
    return result;
  }

  /// x · kernel for each gate. `inputs`: one for all gates, or one for each.
  Values of_inputs(const Values& inputs, const Value& bias) const {
    return by_gate(inputs, Value(kernel_), bias);
  }
  /// state · recurrent kernel for each gate, where each has a mask for the state.
  Values of_states(const Value& state, const Values& masks, const Value& bias) const {
    Values states;
    for (const Value& mask : masks) states.push_back(state * mask);
    if (masks.empty()) states = {state};
    return by_gate(states, Value(recurrent_kernel_), bias);
  }
  /// x · kernel + state · recurrent kernel + bias, for each gate.
  Values sums(const Values& inputs, const Value& state, const Values& masks) const {
    if (inputs.size() == 1 && masks.empty()) {
      Value z = matmul(inputs[0], Value(kernel_)) + matmul(state, Value(recurrent_kernel_));
      if (bias_.defined()) z = z + Value(bias_);
      return gates_ == 1 ? Values{z} : split(z, static_cast<int>(gates_));
    }
    Values gates = of_inputs(inputs, bias_.defined() ? Value(bias_) : Value());
    const Values more = of_states(state, masks, {});
    for (size_t g = 0; g < gates.size(); ++g) gates[g] = gates[g] + more[g];
    return gates;
  }

  Parameter kernel_, recurrent_kernel_, bias_;

 private:
  Values by_gate(const Values& x, const Value& kernel, const Value& bias) const {
    const auto parts = [&](const Value& whole) {
      return gates_ == 1 ? Values{whole} : split(whole, static_cast<int>(gates_));
    };
    if (x.size() == 1) {
      const Value z = matmul(x[0], kernel);
      return parts(bias.defined() ? z + bias : z);
    }
    const Values kernels = parts(kernel), biases = bias.defined() ? parts(bias) : Values();
    Values result;
    for (size_t g = 0; g < x.size(); ++g) {
      const Value z = matmul(x[g], kernels[g]);
      result.push_back(bias.defined() ? z + biases[g] : z);
    }
    return result;
  }

  int64_t gates_, units_;
  Options options_;
};

}  // namespace folio
