#include "folio/layers/recurrent/simple_rnn_cell.h"

#include "folio/layers/recurrent/gated_cell.h"

namespace folio {
namespace {

class SimpleRNNCellBody final : public GatedCellBody<SimpleRNNCellOptions> {
 public:
  SimpleRNNCellBody(int64_t units, SimpleRNNCellOptions options)
      : GatedCellBody(1, units, std::move(options)) {}
  std::string class_name() const override { return "SimpleRNNCell"; }

  CellSteps begin(const LayerCall& call, Effects& effects) override {
    const CellDropout dropped = dropout_of(call, effects);
    return {dropped.inputs, [this, masks = dropped.states](const Values& inputs, const Values& states) {
              const Value h = activated(sums(inputs, states[0], masks)[0]);
              return CellStep{h, {h}};
            }};
  }
};

}  // namespace

SimpleRNNCell::SimpleRNNCell(int64_t units, SimpleRNNCellOptions options)
    : Layer(body(units, options), options) {}

std::shared_ptr<LayerBody> SimpleRNNCell::blank() { return body(0, {}); }

std::shared_ptr<LayerBody> SimpleRNNCell::body(int64_t units, SimpleRNNCellOptions options) {
  return std::make_shared<SimpleRNNCellBody>(units, std::move(options));
}

}  // namespace folio
