#include "folio/graph/graph.h"

#include <unordered_map>
#include <unordered_set>

#include "folio/base/error.h"
#include "folio/base/markup.h"

namespace folio {
namespace {

// Depth first without recursion: graphs of long sequences are deep.
void collect(const Node* root, std::unordered_set<const Node*>& seen, std::vector<const Node*>& order) {
  std::vector<std::pair<const Node*, size_t>> stack;
  if (seen.insert(root).second) stack.emplace_back(root, 0);
  while (!stack.empty()) {
    auto& [node, next] = stack.back();
    if (next < node->inputs.size()) {
      const Node* input = &node->inputs[next++].node();
      if (seen.insert(input).second) stack.emplace_back(input, 0);
    } else {
      order.push_back(node);
      stack.pop_back();
    }
  }
}

class Names {
 public:
  std::string operator()(const Value& value) {
    if (const auto* parameter = op_cast<ParameterOp>(value)) return parameter->parameter().name();
    if (const auto* constant = op_cast<ConstantOp>(value); constant && constant->tensor().count() == 1) {
      char text[32];
      std::snprintf(text, sizeof text, "%g", constant->tensor().at(0));
      return text;
    }
    std::string name =
        "%" + std::to_string(numbers_.try_emplace(&value.node(), numbers_.size()).first->second);
    if (value.node().outputs.size() > 1) name += "." + std::to_string(value.output());
    return name;
  }

 private:
  std::unordered_map<const Node*, size_t> numbers_;
};

bool is_leaf_text(const Node& node) {
  return dynamic_cast<const ParameterOp*>(node.op.get()) ||
         (dynamic_cast<const ConstantOp*>(node.op.get()) && node.outputs[0].shape.rank() == 0);
}

}  // namespace

std::vector<const Node*> Graph::nodes() const {
  std::unordered_set<const Node*> seen;
  std::vector<const Node*> order;
  for (const Value& value : outputs) collect(&value.node(), seen, order);
  for (const Update& update : updates) collect(&update.value.node(), seen, order);
  std::unordered_set<const Node*> given;
  for (const Value& value : inputs) given.insert(&value.node());
  for (const Node* node : order)
    if (const auto* in = dynamic_cast<const InputOp*>(node->op.get()); in && !given.count(node))
      throw Error("graph: the outputs depend on input \"" + in->label() +
                  "\", which is not among the graph's inputs; add it");
  return order;
}

std::string print(const Graph& graph) {
  Names name;
  std::string text;
  for (const Node* node : graph.nodes()) {
    if (is_leaf_text(*node)) continue;
    std::string line = name(Value(std::shared_ptr<const Node>(std::shared_ptr<void>(), node), 0));
    if (node->outputs.size() > 1) line.resize(line.rfind('.'));
    line += " = " + node->op->name() + "(";
    for (size_t i = 0; i < node->inputs.size(); ++i) line += (i ? ", " : "") + name(node->inputs[i]);
    line += ")";
    if (const std::string attributes = node->op->attributes(); !attributes.empty())
      line += " {" + attributes + "}";
    for (const TensorType& type : node->outputs) line += " " + to_string(type);
    if (!node->scope.empty()) line += "   # " + node->scope;
    text += line + "\n";
  }
  for (const Value& output : graph.outputs) text += "return " + name(output) + "\n";
  for (const Update& update : graph.updates)
    text += update.parameter.name() + " <- " + name(update.value) + "\n";
  return text;
}

std::string draw(const Graph& graph) {
  std::string text =
      "digraph folio {\n  rankdir=TB; node [shape=box, style=rounded, fontname=\"Helvetica\"];\n";
  std::unordered_map<const Node*, int> ids;
  for (const Node* node : graph.nodes()) {
    const int id = static_cast<int>(ids.size());
    ids[node] = id;
    std::string label = node->op->name();
    if (dynamic_cast<const ParameterOp*>(node->op.get())) label = node->op->attributes();
    label = escape_dot(label);
    if (!node->scope.empty()) label = escape_dot(node->scope) + "\\n" + label;
    text +=
        "  n" + std::to_string(id) + " [label=\"" + label + "\\n" + to_string(node->outputs[0].shape) + "\"";
    if (node->inputs.empty()) text += ", style=filled, fillcolor=\"#eef3fb\"";
    text += "];\n";
    for (const Value& value : node->inputs)
      text += "  n" + std::to_string(ids[&value.node()]) + " -> n" + std::to_string(id) + ";\n";
  }
  return text + "}\n";
}

}  // namespace folio
