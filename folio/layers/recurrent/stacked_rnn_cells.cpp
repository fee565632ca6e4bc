#include "folio/layers/recurrent/stacked_rnn_cells.h"

#include <map>

#include "folio/layers/catalog.h"
#include "folio/layers/common/layer_fields.h"

namespace folio {
namespace {

class StackedRNNCellsBody final : public CellBody {
 public:
  explicit StackedRNNCellsBody(std::vector<Layer> cells = {}) : cells_(std::move(cells)) {}
  std::string class_name() const override { return "StackedRNNCells"; }

  std::vector<Shape> state_shapes(const Shape& input) const override {
    std::vector<Shape> shapes;
    Shape step = input;
    for (const Layer& layer : cells_) {
      const CellBody& cell = cell_in(layer);
      for (Shape& shape : cell.state_shapes(step)) shapes.push_back(std::move(shape));
      step = Shape{step[0]}.joined(cell.output_shape(step));
    }
    return shapes;
  }
  Shape output_shape(const Shape& input) const override {
    Shape step = input;
    for (const Layer& layer : cells_) step = Shape{step[0]}.joined(cell_in(layer).output_shape(step));
    return step.from(1);
  }

  void build(const std::vector<Shape>& inputs) override {
    Shape step = inputs[0];
    for (const Layer& layer : cells_) {
      CellBody& cell = cell_in(layer);
      cell.ensure_built({step});
      step = Shape{step[0]}.joined(cell.output_shape(step));
    }
  }

  CellSteps begin(const LayerCall& call, Effects& effects) override {
    std::vector<CellSteps> steps;
    for (const Layer& layer : cells_) steps.push_back(cell_in(layer).begin(call, effects));
    return {steps[0].inputs, [this, steps](const Values& inputs, const Values& states) {
              return through_all(steps, inputs, states);
            }};
  }

  // Where Keras keeps them in files.
  std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> children() const override {
    std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> result;
    std::map<std::string, int> used;
    for (const Layer& cell : cells_) {
      std::string name = snake_case(cell.class_name());
      if (const int number = used[name]++; number > 0) name += "_" + std::to_string(number);
      result.emplace_back("cells/" + name, cell.handle());
    }
    return result;
  }

  void fields(Fields& f) override { f("cells", cells_, {.required = true, .not_empty = true}); }
  void configured() override {
    if (cells_.empty()) throw Error("cells: expected at least one, got none");
    for (const Layer& cell : cells_) cell_in(cell);
  }

 private:
  CellStep through_all(const std::vector<CellSteps>& steps, const Values& inputs,
                       const Values& states) const {
    CellStep result;
    auto next = states.begin();
    for (size_t i = 0; i < steps.size(); ++i) {
      const CellBody& cell = cell_in(cells_[i]);
      const Values in = i == 0 ? inputs : steps[i].inputs(result.output);
      const auto count = static_cast<std::ptrdiff_t>(cell.state_shapes(in[0].shape()).size());
      const Scope scope(cell.name());
      CellStep step = steps[i].step(in, Values(next, next + count));
      next += count;
      result.output = step.output;
      result.states.insert(result.states.end(), step.states.begin(), step.states.end());
    }
    return result;
  }

  std::vector<Layer> cells_;
};

}  // namespace

StackedRNNCells::StackedRNNCells(std::vector<Layer> cells, LayerOptions options)
    : Layer(std::make_shared<StackedRNNCellsBody>(std::move(cells)), options) {}

std::shared_ptr<LayerBody> StackedRNNCells::blank() { return std::make_shared<StackedRNNCellsBody>(); }

}  // namespace folio
