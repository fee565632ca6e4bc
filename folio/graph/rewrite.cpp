#include "folio/graph/rewrite.h"

#include <unordered_map>
#include <unordered_set>

namespace folio {

ValueKey key_of(const Value& value) {
  if (const auto* op = op_cast<ParameterOp>(value)) return {op->parameter().id(), 0};
  return {&value.node(), value.output()};
}

std::vector<std::shared_ptr<const Node>> nodes_of(const Values& values, const ValueMap& given) {
  // Depth first without recursion: graphs of long sequences are deep.
  std::vector<std::shared_ptr<const Node>> order;
  std::unordered_set<const Node*> seen;
  std::vector<std::pair<std::shared_ptr<const Node>, size_t>> stack;
  const auto visit = [&](const Value& value) {
    if ((given.empty() || !given.count(key_of(value))) && seen.insert(&value.node()).second)
      stack.emplace_back(value.node_handle(), 0);
  };
  for (const Value& value : values) {
    visit(value);
    while (!stack.empty()) {
      auto& [node, next] = stack.back();
      if (next < node->inputs.size()) {
        visit(node->inputs[next++]);
      } else {
        order.push_back(std::move(node));
        stack.pop_back();
      }
    }
  }
  return order;
}

Values replace(const Values& values, const ValueMap& replacements) {
  std::unordered_map<const Node*, std::shared_ptr<const Node>> rebuilt;
  const auto now = [&](const Value& value) {
    if (const auto found = replacements.find(key_of(value)); found != replacements.end())
      return found->second;
    const auto found = rebuilt.find(&value.node());
    return found == rebuilt.end() ? value : Value(found->second, value.output());
  };
  for (const auto& node : nodes_of(values, replacements)) {
    Values inputs;
    Types types;
    bool same = true;
    for (const Value& input : node->inputs) {
      inputs.push_back(now(input));
      types.push_back(inputs.back().type());
      same = same && inputs.back() == input;
    }
    if (same) continue;
    auto made = std::make_shared<Node>(*node);
    made->inputs = std::move(inputs);
    made->outputs = node->op->infer(types);
    rebuilt[node.get()] = std::move(made);
  }
  Values result;
  for (const Value& value : values) result.push_back(now(value));
  return result;
}

}  // namespace folio
