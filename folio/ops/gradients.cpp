#include "folio/ops/gradients.h"

#include <map>
#include <unordered_map>
#include <unordered_set>

#include "folio/base/error.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

// Two values that read the same parameter are the same quantity, though they are different nodes.
std::pair<const void*, int> identity(const Value& value) {
  if (const auto* op = op_cast<ParameterOp>(value)) return {op->parameter().id(), 0};
  return {&value.node(), value.output()};
}

std::vector<std::shared_ptr<const Node>> inputs_first(const Value& y) {
  std::vector<std::shared_ptr<const Node>> order;
  std::unordered_set<const Node*> seen{&y.node()};
  std::vector<std::pair<std::shared_ptr<const Node>, size_t>> stack{{y.node_handle(), 0}};
  while (!stack.empty()) {
    auto& [node, next] = stack.back();
    if (next < node->inputs.size()) {
      const auto& input = node->inputs[next++].node_handle();
      if (seen.insert(input.get()).second) stack.emplace_back(input, 0);
    } else {
      order.push_back(std::move(node));
      stack.pop_back();
    }
  }
  return order;
}

}  // namespace

Values gradients(const Value& y, const Values& wrt) {
  if (!is_floating(y.dtype()))
    throw Error("gradients: expected a floating-point value, got " + to_string(y.type()));
  return gradients(y, broadcast_to(constant(1, y.dtype()), y.shape()), wrt);
}

Values gradients(const Value& y, const Value& dy, const Values& wrt) {
  const auto order = inputs_first(y);
  std::map<std::pair<const void*, int>, Value> gradient;
  const auto add = [&](const Value& value, const Value& d) {
    Value& slot = gradient[identity(value)];
    slot = slot.defined() ? slot + d : d;
  };
  // Only nodes on a path from a wanted value need gradients.
  std::map<std::pair<const void*, int>, bool> wanted;
  for (const Value& value : wrt) wanted[identity(value)] = true;
  std::unordered_set<const Node*> leads;
  for (const auto& node : order)
    for (size_t i = 0; i < std::max<size_t>(node->outputs.size(), 1); ++i) {
      bool found = wanted.count(identity(Value(node, static_cast<int>(i)))) > 0;
      for (const Value& input : node->inputs) found = found || leads.count(&input.node());
      if (found) leads.insert(node.get());
    }

  add(y, dy);
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    const auto& node = *it;
    if (node->inputs.empty() || !leads.count(node.get())) continue;
    GradientContext context{*node, node->inputs, {}, {}};
    bool any = false;
    for (size_t i = 0; i < node->outputs.size(); ++i) {
      const Value output(node, static_cast<int>(i));
      const auto found = gradient.find(identity(output));
      context.outputs.push_back(output);
      context.output_gradients.push_back(found == gradient.end() ? Value() : found->second);
      any = any || context.output_gradients.back().defined();
    }
    if (!any) continue;
    const Scope scope(node->scope + (node->scope.ends_with("gradient") ? "" : "/gradient"));
    const Values result = node->op->gradient(context);
    for (size_t i = 0; i < result.size(); ++i)
      if (result[i].defined() && leads.count(&node->inputs[i].node())) add(node->inputs[i], result[i]);
  }

  Values result;
  for (const Value& value : wrt) {
    const auto found = gradient.find(identity(value));
    result.push_back(found != gradient.end() ? found->second
                                             : broadcast_to(constant(0, value.dtype()), value.shape()));
  }
  return result;
}

}  // namespace folio
