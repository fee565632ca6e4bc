// The table that `summary` prints, as Keras does.
#include <fmt/format.h>

#include <algorithm>

#include "folio/models/model_body.h"
#include "folio/models/summary.h"

namespace folio {
namespace {

int64_t count(const std::vector<Parameter>& parameters) {
  int64_t total = 0;
  for (const Parameter& parameter : parameters) total += parameter.value().count();
  return total;
}

std::string size_text(int64_t parameters) {
  const auto bytes = static_cast<double>(parameters) * static_cast<double>(size_of(floatx()));
  if (bytes >= 1048576) return fmt::format("{:.2f} MB", bytes / 1048576);
  return bytes >= 1024 ? fmt::format("{:.2f} KB", bytes / 1024) : fmt::format("{:.0f} B", bytes);
}

std::string grouped(int64_t value) {
  std::string digits = std::to_string(value);
  for (int at = static_cast<int>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<size_t>(at), ",");
  return digits;
}

}  // namespace

Summary summarize(const Model& model) {
  const ModelBody& body = model.model();
  Summary summary;
  summary.name = model.name();
  // The first call of each layer tells its output shapes and where its inputs come from.
  const std::vector<const Node*> nodes = Graph{body.inputs(), body.outputs(), {}}.nodes();
  for (const Layer& layer : body.layers()) {
    SummaryRow row{layer.name(), layer.class_name(), {}, count(layer.weights()), {}};
    for (const Node* node : nodes) {
      const auto* call = dynamic_cast<const LayerCallOp*>(node->op.get());
      const auto* input = dynamic_cast<const InputOp*>(node->op.get());
      const bool mine = (call && call->layer() == layer.handle()) ||
                        (input && input->label() == layer.name() && layer.class_name() == "InputLayer");
      if (!mine) continue;
      if (row.outputs.empty())
        for (const TensorType& type : node->outputs) row.outputs.push_back(type.shape);
      for (const Value& value : node->inputs) {
        const Layer maker = maker_of(value);
        const auto* from = op_cast<InputOp>(value);
        row.connected.push_back(maker.defined() ? maker.name()
                                : from          ? from->label()
                                                : value.node().op->name());
      }
    }
    summary.rows.push_back(std::move(row));
  }
  summary.trainable = count(body.trainable_weights());
  summary.total = count(body.weights());
  return summary;
}

std::string Model::summary() const {
  const Summary s = summarize(*this);
  const bool functional = class_name() == "Functional";
  std::vector<std::vector<std::string>> cells{{"Layer (type)", "Output Shape", "Param #"}};
  if (functional) cells[0].push_back("Connected to");
  for (const SummaryRow& row : s.rows) {
    std::string shapes, connected;
    for (const Shape& shape : row.outputs) shapes += (shapes.empty() ? "" : ", ") + to_string(shape);
    for (const std::string& name : row.connected) connected += (connected.empty() ? "" : ", ") + name;
    cells.push_back({row.name + " (" + row.class_name + ")", shapes, grouped(row.parameters)});
    if (functional) cells.back().push_back(connected);
  }
  std::vector<size_t> widths(cells[0].size(), 0);
  for (const auto& row : cells)
    for (size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], row[i].size());
  size_t total = 0;
  for (size_t width : widths) total += width + 3;
  std::string text = fmt::format("Model: \"{}\"\n", s.name);
  const std::string rule(total, '-');
  text += rule + "\n";
  for (size_t r = 0; r < cells.size(); ++r) {
    for (size_t i = 0; i < cells[r].size(); ++i)
      text += i == 2 ? fmt::format("{:>{}}   ", cells[r][i], widths[i])
                     : fmt::format("{:<{}}   ", cells[r][i], widths[i]);
    while (text.back() == ' ') text.pop_back();
    text += "\n";
    if (r == 0) text += rule + "\n";
  }
  text += rule + "\n";
  text += fmt::format("Total params: {} ({})\n", grouped(s.total), size_text(s.total));
  text += fmt::format("Trainable params: {} ({})\n", grouped(s.trainable), size_text(s.trainable));
  text += fmt::format("Non-trainable params: {} ({})\n", grouped(s.total - s.trainable),
                      size_text(s.total - s.trainable));
  return text;
}

}  // namespace folio
