#include "folio/layers/recurrent/gru_cell.h"

#include "folio/layers/recurrent/gated_cell.h"

namespace folio {
namespace {

class GRUCellBody final : public GatedCellBody<GRUCellOptions> {
 public:
  GRUCellBody(int64_t units, GRUCellOptions options) : GatedCellBody(3, units, std::move(options)) {}
  std::string class_name() const override { return "GRUCell"; }

  CellSteps begin(const LayerCall& call, Effects& effects) override {
    const CellDropout dropped = dropout_of(call, effects);
    return {dropped.inputs, [this, masks = dropped.states](const Values& inputs, const Values& states) {
              const Value h = options().reset_after ? reset_after(inputs, states[0], masks)
                                                    : reset_before(inputs, states[0], masks);
              return CellStep{h, {h}};
            }};
  }

 private:
  Shape bias_shape() const override {
    return options().reset_after ? Shape{2, 3 * units()} : Shape{3 * units()};
  }
  Value bias_row(int64_t row) const {
    return bias_.defined() ? reshape(slice(Value(bias_), 0, row, 1), {3 * units()}) : Value();
  }
  Value mixed(const Value& z, const Value& h, const Value& candidate) const {
    return z * h + (1.0 - z) * candidate;
  }

  Value reset_after(const Values& inputs, const Value& h, const Values& masks) const {
    const Values x = of_inputs(inputs, bias_row(0)), s = of_states(h, masks, bias_row(1));
    const Value z = gated(x[0] + s[0]), r = gated(x[1] + s[1]);
    return mixed(z, h, activated(x[2] + r * s[2]));
  }

  // The candidate's product waits for the reset gate.
  Value reset_before(const Values& inputs, const Value& h, const Values& masks) const {
    const Values x = of_inputs(inputs, bias_.defined() ? Value(bias_) : Value());
    const Values kernels = split(Value(recurrent_kernel_), {2 * units(), units()});
    Values s;
    if (masks.empty()) {
      s = split(matmul(h, kernels[0]), 2);
    } else {
      const Values gates = split(kernels[0], 2);
      for (size_t g = 0; g < 2; ++g) s.push_back(matmul(h * masks[g], gates[g]));
    }
    const Value z = gated(x[0] + s[0]), r = gated(x[1] + s[1]);
    const Value reset = r * (masks.empty() ? h : h * masks[2]);
    return mixed(z, h, activated(x[2] + matmul(reset, kernels[1])));
  }
};

}  // namespace

GRUCell::GRUCell(int64_t units, GRUCellOptions options) : Layer(body(units, options), options) {}

std::shared_ptr<LayerBody> GRUCell::blank() { return body(0, {}); }

std::shared_ptr<LayerBody> GRUCell::body(int64_t units, GRUCellOptions options) {
  return std::make_shared<GRUCellBody>(units, std::move(options));
}

}  // namespace folio
