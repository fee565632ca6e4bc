// What RNN, SimpleRNN, LSTM and GRU are.
#pragma once
#include "folio/layers/recurrent/cell.h"
#include "folio/layers/recurrent/rnn.h"

namespace folio {

/// The options that are no cell's; `Options` of any recurrent layer.
template <class Options>
RNNOptions rnn_options(const Options& o) {
  return {o.return_sequences,     o.return_state,         o.go_backwards, o.stateful, o.unroll,
          o.zero_output_for_mask, o.activity_regularizer, o.name,         o.trainable};
}

class RnnBody : public LayerBody {
 public:
  /// `class_name`: of a layer whose config has the cell's settings among its own; null for RNN.
  RnnBody(const char* class_name, Layer cell, RNNOptions options)
      : class_name_(class_name), cell_(std::move(cell)), options_(std::move(options)) {}
  std::string class_name() const override { return class_name_ ? class_name_ : "RNN"; }
  CallArgumentList arguments() const override {
    return {CallArgument::values("initial_state"), CallArgument::mask(), CallArgument::training(false)};
  }
  bool supports_masking() const override { return true; }
  Values compute_masks(const Values& inputs, const Values& masks) const override;
  std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> children() const override;
  void build(const std::vector<Shape>& inputs) override;
  Values call(const LayerCall& call, Effects& effects) override;
  void fields(Fields& f) override;
  void configured() override;

  const RNNOptions& options() const { return options_; }
  void set_zero_output_for_mask(bool zero) { options_.zero_output_for_mask = zero; }
  const std::vector<Parameter>& states() const { return states_; }
  /// Throws `Error` when there are others already, of another shape.
  void set_states(const std::vector<Tensor>& values);

 private:
  void check(const Shape& shape) const;
  Values first_states(const LayerCall& call, const Effects& effects);
  void make_states(const Shape& input);
  void keep_states(const Values& last, Effects& effects) const;

  const char* class_name_;
  Layer cell_;
  RNNOptions options_;
  std::vector<Parameter> states_;
};

}  // namespace folio
