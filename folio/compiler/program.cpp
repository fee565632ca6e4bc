#include "folio/compiler/program.h"

#include <algorithm>

#include "folio/base/checked.h"
#include "folio/ops/grain_sum.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

// What ops see of their operands is a type.
Value symbol_of(const TensorType& type) {
  static const auto op = std::make_shared<InputOp>(TensorType{}, "value");
  auto node = std::make_shared<Node>();
  node->op = op;
  node->outputs = {type};
  return {std::move(node), 0};
}

}  // namespace

int Program::add_value(ProgramValue value) {
  if (!value.symbol.defined()) value.symbol = symbol_of(value.type);
  values.push_back(std::move(value));
  return static_cast<int>(values.size()) - 1;
}

void Program::refresh(ProgramNode& node) {
  node.node.op = node.op;
  node.node.scope = node.scope;
  node.node.inputs.clear();
  node.node.outputs.clear();
  for (int id : node.in) node.node.inputs.push_back(values[id].symbol);
  for (int id : node.out) node.node.outputs.push_back(values[id].type);
  node.rows = node.op->rows(node.node);
}

int Program::add_node(std::shared_ptr<const Op> op, std::vector<int> in, const std::string& scope) {
  Types types;
  for (int id : in) types.push_back(values[id].type);
  const Types made = op->infer(types);
  const int id = static_cast<int>(nodes.size()), first = static_cast<int>(values.size());
  ProgramNode node{std::move(op), std::move(in), {}, scope, false, {}, {}};
  for (size_t i = 0; i < made.size(); ++i) {
    ProgramValue value;
    value.type = made[i];
    value.producer = id;
    value.output = static_cast<int>(i);
    node.out.push_back(add_value(std::move(value)));
  }
  refresh(node);
  nodes.push_back(std::move(node));
  return first;
}

int Program::add_constant(Tensor tensor) {
  ProgramValue value;
  value.kind = ProgramValue::Kind::constant;
  value.type = {tensor.shape(), tensor.dtype()};
  value.constant = std::move(tensor);
  return add_value(std::move(value));
}

std::optional<double> Program::uniform(int id) const {
  for (;;) {
    const ProgramValue& value = values[id];
    if (value.kind == ProgramValue::Kind::constant)
      return value.constant.count() == 1 ? std::optional(value.constant.at(0)) : std::nullopt;
    if (value.kind != ProgramValue::Kind::computed) return std::nullopt;
    const ProgramNode& node = nodes[value.producer];
    if (!dynamic_cast<const BroadcastOp*>(node.op.get()) && !dynamic_cast<const ReshapeOp*>(node.op.get()))
      return std::nullopt;
    id = node.in[0];
  }
}

std::vector<std::vector<int>> Program::users() const {
  std::vector<std::vector<int>> result(values.size());
  for (size_t n = 0; n < nodes.size(); ++n)
    for (int id : nodes[n].in)
      if (result[id].empty() || result[id].back() != static_cast<int>(n))
        result[id].push_back(static_cast<int>(n));
  return result;
}

std::vector<char> Program::results() const {
  std::vector<char> result(values.size(), 0);
  for (int id : outputs) result[id] = 1;
  for (const auto& update : updates) result[update.second] = 1;
  return result;
}

void Program::rename(const std::vector<int>& renamed) {
  const auto changes = [&](int& id) {
    const int before = id;
    if (static_cast<size_t>(id) < renamed.size()) id = renamed[id];
    return id != before;
  };
  for (ProgramNode& node : nodes) {
    bool changed = false;
    for (int& id : node.in) changed = changes(id) || changed;
    if (changed) refresh(node);
  }
  for (int& id : outputs) changes(id);
  for (auto& update : updates) changes(update.second);
}

void Program::tidy() {
  std::vector<int> place(nodes.size(), -1);
  std::vector<ProgramNode> ordered;
  std::vector<std::pair<int, size_t>> stack;
  std::vector<char> seen(nodes.size(), 0);
  const auto visit = [&](int value) {
    const int root = values[value].producer;
    if (root < 0 || seen[root]) return;
    seen[root] = 1;
    stack.emplace_back(root, 0);
    while (!stack.empty()) {
      auto& [node, next] = stack.back();
      if (next < nodes[node].in.size()) {
        const int producer = values[nodes[node].in[next++]].producer;
        if (producer >= 0 && !seen[producer]) seen[producer] = 1, stack.emplace_back(producer, 0);
      } else {
        place[node] = static_cast<int>(ordered.size());
        ordered.push_back(std::move(nodes[node]));
        stack.pop_back();
      }
    }
  };
  for (int id : outputs) visit(id);
  for (const auto& update : updates) visit(update.second);
  for (ProgramValue& value : values)
    if (value.producer >= 0) {
      value.producer = place[value.producer];
      if (value.producer < 0) value.kind = ProgramValue::Kind::computed;
    }
  nodes = std::move(ordered);
}

bool Program::is_alias(const ProgramNode& node) const {
  return dynamic_cast<const ReshapeOp*>(node.op.get()) != nullptr;
}

void Program::mark_carried() {
  std::vector<char> carried(values.size(), 0);
  for (size_t i = 0; i < values.size(); ++i)
    carried[i] = values[i].kind == ProgramValue::Kind::input && values[i].type.shape.rank() > 0;
  for (ProgramNode& node : nodes) {
    node.carried = false;
    for (size_t i = 0; i < node.in.size(); ++i)
      if (carried[node.in[i]] && ((node.rows.apart && node.rows.aligned[i]) || is_alias(node)))
        node.carried = true;
    for (int id : node.out) carried[id] = node.carried && values[id].type.shape.rank() > 0;
    if (!node.rows.apart) node.carried = false;
  }
}

int64_t grain_of(int64_t rows, bool lanes) {
  return rows < 12 && !lanes ? 1 : round_up(divide_up(rows, 64), 16);
}

bool uses_lanes(const Program& program) {
  return std::any_of(program.nodes.begin(), program.nodes.end(), [](const ProgramNode& node) {
    return dynamic_cast<const GrainKernelGradientOp*>(node.op.get()) ||
           (node.carried && prefers_lanes(node.node));
  });
}

}  // namespace folio
