#include <fmt/format.h>

#include "folio/layers/convolutional/convolution_base.h"
#include "folio/layers/recurrent/cell.h"
#include "folio/layers/recurrent/conv_lstm1d.h"
#include "folio/layers/recurrent/conv_lstm2d.h"
#include "folio/layers/recurrent/rnn_body.h"
#include "folio/ops/dropout.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reshape.h"
#include "folio/ops/slice.h"

namespace folio {
namespace {

constexpr int kGates = 4;  // i, f, c, o

// A convolution without weights of its own.
class Slider final : public ConvolutionBase {
 public:
  Slider(size_t rank, const Sizes& kernel_size, const Sizes& strides, const std::string& padding,
         const Sizes& dilation_rate)
      : ConvolutionBase(settings_of(rank, kernel_size, strides, padding, dilation_rate)) {}
  Values call(const LayerCall&, Effects&) override { throw InternalError("a part of ConvLSTM was called"); }
  Value operator()(const Value& x, const Value& kernel) const { return convolve(x, kernel, 1); }

 private:
  struct Settings {
    Sizes strides;
    std::string padding;
    Sizes dilation_rate;
    ActivationChoice activation = {};
    bool use_bias = false;
    Initializer bias_initializer = "zeros";
    Regularizer bias_regularizer = {}, activity_regularizer = {};
    Constraint bias_constraint = {};
  };
  static ConvolutionSettings settings_of(size_t rank, const Sizes& kernel_size, const Sizes& strides,
                                         const std::string& padding, const Sizes& dilation_rate) {
    return {"ConvLSTMCell", rank, kernel_size,
            Settings{.strides = strides, .padding = padding, .dilation_rate = dilation_rate}};
  }
};

// Keras' cell, which stands in no file of its own. Gates and states are in the order of dimensions that was
// asked for, convolutions see the channels last.
class ConvLSTMCellBody final : public CellBody {
 public:
  ConvLSTMCellBody(size_t rank, int64_t filters, Sizes kernel_size, ConvLSTMOptions options)
      : rank_(rank), filters_(filters), kernel_size_(std::move(kernel_size)), options_(std::move(options)) {
    set_data_format(options_.data_format);
  }
  std::string class_name() const override { return "ConvLSTMCell"; }

  void fields(Fields& f) override {
    ConvLSTMOptions& o = options_;
    FieldRules kernel = sizes_rule(rank_);
    kernel.required = kernel.not_empty = true;
    f("filters", filters_, {.required = true, .least = 1, .most = kLargestSize / kGates});
    f("kernel_size", kernel_size_, kernel);
    f("strides", o.strides, sizes_rule(rank_));
    f("padding", o.padding, {.words = "valid same"});
    data_format_field(f, data_format());
    f("dilation_rate", o.dilation_rate, sizes_rule(rank_));
    activation_field(f, o.activation);
    activation_field(f, o.recurrent_activation, "recurrent_activation");
    f("use_bias", o.use_bias);
    weight_fields(f, "kernel", o.kernel_initializer, o.kernel_regularizer, o.kernel_constraint);
    weight_fields(f, "recurrent", o.recurrent_initializer, o.recurrent_regularizer, o.recurrent_constraint);
    weight_fields(f, "bias", o.bias_initializer, o.bias_regularizer, o.bias_constraint);
    f("unit_forget_bias", o.unit_forget_bias);
    f("dropout", o.dropout, {.least = 0, .below = 1});
    f("recurrent_dropout", o.recurrent_dropout, {.least = 0, .below = 1});
    f("seed", o.seed);
  }

  void configured() override {
    const Sizes ones(rank_, 1);
    of_inputs_ = std::make_shared<Slider>(rank_, kernel_size_, options_.strides, options_.padding,
                                          options_.dilation_rate);
    of_states_ = std::make_shared<Slider>(rank_, kernel_size_, ones, "same", ones);
    of_inputs_->configured();
  }

  std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> children() const override {
    auto inside = options_.activation.children();
    for (const auto& [place, layer] : options_.recurrent_activation.children())
      inside.emplace_back("recurrent_activation", layer);
    return inside;
  }

  void build(const std::vector<Shape>& inputs) override {
    const Shape& shape = inputs[0];
    if (shape.rank() != static_cast<int>(rank_) + 2 || !shape.from(1).known())
      throw Error(fmt::format("expects steps of {} sizes and channels that are all known, got {}", rank_,
                              to_string(shape)));
    const ConvLSTMOptions& o = options_;
    const Shape sizes(kernel_size_);
    kernel_ = add_weight("kernel", sizes.joined({shape[-1], kGates * filters_}),
                         {o.kernel_initializer, o.kernel_regularizer, o.kernel_constraint});
    recurrent_kernel_ =
        add_weight("recurrent_kernel", sizes.joined({filters_, kGates * filters_}),
                   {o.recurrent_initializer, o.recurrent_regularizer, o.recurrent_constraint});
    if (!o.use_bias) return;
    bias_ =
        add_weight("bias", {kGates * filters_}, {o.bias_initializer, o.bias_regularizer, o.bias_constraint});
    if (!o.unit_forget_bias || !bias_.value().raw()) return;  // without memory it is an outline
    for (int64_t i = filters_; i < 2 * filters_; ++i) bias_.storage().set(i, 1);
    bias_.changed();
  }

  std::vector<Shape> state_shapes(const Shape& input) const override {
    const bool first = is_first();
    std::vector<int64_t> sizes;
    for (size_t d = 0; d < rank_; ++d) {
      const Window window{kernel_size_[d], options_.strides[d], options_.dilation_rate[d]};
      sizes.push_back(
          window.output(input[static_cast<int>(d) + (first ? 2 : 1)], padding_from(options_.padding)));
    }
    sizes.insert(first ? sizes.begin() : sizes.end(), filters_);
    return {Shape(sizes), Shape(sizes)};
  }

  CellSteps begin(const LayerCall& call, Effects& effects) override {
    const ConvLSTMOptions& o = options_;
    // Counted in every mode, so that the random calls after this one keep their numbers.
    const uint32_t site = o.dropout > 0 ? effects.random_site() : 0;
    const uint32_t recurrent_site = o.recurrent_dropout > 0 ? effects.random_site() : 0;
    const bool drops = call.training && (o.dropout > 0 || o.recurrent_dropout > 0);
    if (drops && !call.step.defined())
      throw Error(
          "needs the number of the step while training; trace the model with .step, an optimizer's "
          "iterations() for example");
    Values of_inputs, of_states;
    if (drops) {
      const Shape &given = call.input().shape(),
                  step = given.rank() > static_cast<int>(rank_) + 2 ? given.without(1) : given;
      const uint64_t seed = o.seed ? static_cast<uint64_t>(*o.seed) : call.seed;
      if (o.dropout > 0) of_inputs = masks(call, step, o.dropout, seed, site);
      if (o.recurrent_dropout > 0)
        of_states = masks(call, Shape{step[0]}.joined(state_shapes(step)[0]), o.recurrent_dropout, seed,
                          recurrent_site);
    }
    return {[](const Value& input) { return Values{input}; },
            [this, of_inputs, of_states](const Values& inputs, const Values& states) {
              const Values z = gates(inputs[0], states[0], of_inputs, of_states);
              const Value i = gated(z[0]), f = gated(z[1]), o = gated(z[3]);
              const Value c = f * states[1] + i * options_.activation.apply(z[2]);
              const Value h = o * options_.activation.apply(c);
              return CellStep{h, {h, c}};
            }};
  }

 private:
  bool is_first() const {
    return const_cast<ConvLSTMCellBody*>(this)->data_format().name() == std::string("channels_first");
  }
  Value gated(const Value& x) const { return options_.recurrent_activation.apply(x); }

  // For each gate whether an element of a step is dropped.
  static Values masks(const LayerCall& call, const Shape& step, double rate, uint64_t seed, uint32_t site) {
    const int64_t size = step.count(1, step.rank());
    const Value ones = broadcast_to(constant(1, floatx()), {step[0], kGates * size});
    Values masks;
    for (const Value& mask : split(dropout(ones, call.step, rate, seed, site), kGates))
      masks.push_back(reshape(mask, step));
    return masks;
  }

  // x * kernel + h * recurrent kernel + bias, for each gate.
  Values gates(const Value& x, const Value& h, const Values& of_inputs, const Values& of_states) {
    const DataFormat& format = data_format();
    const Value bias = bias_.defined() ? Value(bias_) : Value();
    const auto outside = [&](const Value& z, const Value& with) {
      return format.outside(with.defined() ? z + with : z);
    };
    if (of_inputs.empty() && of_states.empty()) {
      const Value z = (*of_inputs_)(format.inside(x), Value(kernel_)) +
                      (*of_states_)(format.inside(h), Value(recurrent_kernel_));
      Values parts;
      for (const Value& part : split(bias.defined() ? z + bias : z, kGates))
        parts.push_back(format.outside(part));
      return parts;
    }
    const Values kernels = split(Value(kernel_), kGates), recurrent = split(Value(recurrent_kernel_), kGates),
                 biases = bias.defined() ? split(bias, kGates) : Values(kGates);
    Values parts;
    for (size_t g = 0; g < kGates; ++g) {
      const Value dropped = of_inputs.empty() ? x : x * of_inputs[g],
                  state = of_states.empty() ? h : h * of_states[g];
      parts.push_back(outside((*of_inputs_)(format.inside(dropped), kernels[g]) +
                                  (*of_states_)(format.inside(state), recurrent[g]),
                              biases[g]));
    }
    return parts;
  }

  size_t rank_;
  int64_t filters_;
  Sizes kernel_size_;
  ConvLSTMOptions options_;
  std::shared_ptr<Slider> of_inputs_, of_states_;
  Parameter kernel_, recurrent_kernel_, bias_;
};

std::shared_ptr<LayerBody> around(const char* class_name, size_t rank, int64_t filters,
                                  const Sizes& kernel_size, const ConvLSTMOptions& options) {
  const Layer cell(std::make_shared<ConvLSTMCellBody>(rank, filters, kernel_size, options));
  cell.body().set_name("conv_lstm_cell");
  return std::make_shared<RnnBody>(class_name, cell, rnn_options(options));
}

// The order of dimensions is the cell's: the time stands between batch and channels.
ConvLSTMOptions without_order(ConvLSTMOptions options) {
  options.data_format = {};
  return options;
}

}  // namespace

ConvLSTM1D::ConvLSTM1D(int64_t filters, Sizes kernel_size, ConvLSTM1DOptions options)
    : RecurrentLayer(around("ConvLSTM1D", 1, filters, kernel_size, options), without_order(options)) {}
ConvLSTM2D::ConvLSTM2D(int64_t filters, Sizes kernel_size, ConvLSTM2DOptions options)
    : RecurrentLayer(around("ConvLSTM2D", 2, filters, kernel_size, options), without_order(options)) {}

std::shared_ptr<LayerBody> ConvLSTM1D::blank() { return around("ConvLSTM1D", 1, 0, {}, {}); }
std::shared_ptr<LayerBody> ConvLSTM2D::blank() { return around("ConvLSTM2D", 2, 0, {}, {}); }

}  // namespace folio
