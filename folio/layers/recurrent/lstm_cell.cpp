#include "folio/layers/recurrent/lstm_cell.h"

#include "folio/layers/recurrent/gated_cell.h"

namespace folio {
namespace {

class LSTMCellBody final : public GatedCellBody<LSTMCellOptions> {
 public:
  LSTMCellBody(int64_t units, LSTMCellOptions options) : GatedCellBody(4, units, std::move(options)) {}
  std::string class_name() const override { return "LSTMCell"; }
  std::vector<Shape> state_shapes(const Shape&) const override { return {{units()}, {units()}}; }

  void build(const std::vector<Shape>& inputs) override {
    GatedCellBody::build(inputs);
    if (!bias_.defined() || !options().unit_forget_bias) return;
    if (!bias_.value().raw()) return;  // an outline, for a summary
    for (int64_t i = units(); i < 2 * units(); ++i) bias_.storage().set(i, 1);
    bias_.changed();
  }

  CellSteps begin(const LayerCall& call, Effects& effects) override {
    const CellDropout dropped = dropout_of(call, effects);
    return {dropped.inputs, [this, masks = dropped.states](const Values& inputs, const Values& states) {
              const Values z = sums(inputs, states[0], masks);
              const Value i = gated(z[0]), f = gated(z[1]), o = gated(z[3]);
              const Value c = f * states[1] + i * activated(z[2]);
              const Value h = o * activated(c);
              return CellStep{h, {h, c}};
            }};
  }
};

}  // namespace

LSTMCell::LSTMCell(int64_t units, LSTMCellOptions options) : Layer(body(units, options), options) {}

std::shared_ptr<LayerBody> LSTMCell::blank() { return body(0, {}); }

std::shared_ptr<LayerBody> LSTMCell::body(int64_t units, LSTMCellOptions options) {
  return std::make_shared<LSTMCellBody>(units, std::move(options));
}

}  // namespace folio
