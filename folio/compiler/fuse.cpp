// Chains of element by element nodes become one node each.
#include <algorithm>
#include <limits>
#include <map>
#include <numeric>

#include "folio/compiler/passes.h"
#include "folio/ops/dropout.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/fused.h"

namespace folio {
namespace {

constexpr size_t kMostInstructions = 48;  // so that a node's operands and slots stay few

bool fusable(const Program& program, const ProgramNode& node) {
  if (!fused_knows(*node.op) || node.node.outputs[0].dtype != DType::float32) return false;
  const Shape& shape = node.node.outputs[0].shape;
  const Layout layout = program.values[node.out[0]].layout;
  const bool dropout = dynamic_cast<const DropoutOp*>(node.op.get()) != nullptr;
  if (shape.count() == 0) return false;
  for (size_t i = 0; i < node.in.size(); ++i) {
    if (dropout && i == 1) continue;  // the step
    const ProgramValue& value = program.values[node.in[i]];
    if (value.type.dtype != DType::float32 || !fused_reads(value.type.shape, shape, layout)) return false;
  }
  return true;
}

struct Groups {
  std::vector<int> parent;
  std::vector<size_t> size;
  explicit Groups(size_t n) : parent(n), size(n, 1) { std::iota(parent.begin(), parent.end(), 0); }
  int find(int i) {
    while (parent[i] != i) i = parent[i] = parent[parent[i]];
    return i;
  }
  void join(int a, int b) {
    a = find(a), b = find(b);
    if (a == b || size[a] + size[b] > kMostInstructions) return;
    parent[b] = a;
    size[a] += size[b];
  }
};

void replace_group(Program& program, const std::vector<int>& members,
                   const std::vector<std::vector<int>>& users, const std::vector<char>& kept,
                   std::vector<int>& renamed) {
  std::map<int, int> place;  // value -> argument
  std::vector<int> inputs, results, outputs;
  std::vector<char> inside(program.nodes.size(), 0);
  for (int member : members) inside[member] = 1;
  for (int member : members)
    for (int id : program.nodes[member].in)
      if ((program.values[id].producer < 0 || !inside[program.values[id].producer]) &&
          place.try_emplace(id, static_cast<int>(inputs.size())).second)
        inputs.push_back(id);
  std::vector<FusedElementwiseOp::Instruction> instructions;
  for (int member : members) {
    const ProgramNode& node = program.nodes[member];
    std::vector<int> arguments;
    for (int id : node.in) arguments.push_back(place.at(id));
    const int value = node.out[0], at = static_cast<int>(instructions.size());
    place[value] = static_cast<int>(inputs.size()) + at;
    instructions.push_back({node.op, std::move(arguments)});
    bool needed = kept[value];
    for (int user : users[value]) needed = needed || !inside[user];
    if (needed) results.push_back(at), outputs.push_back(value);
  }
  const ProgramNode& last = program.nodes[members.back()];
  const Layout layout = program.values[last.out[0]].layout;
  const Shape shape = last.node.outputs[0].shape;
  const std::string scope = last.scope;
  const auto op = std::make_shared<FusedElementwiseOp>(static_cast<int>(inputs.size()),
                                                       std::move(instructions), results, shape);
  const int first = program.add_node(op, inputs, scope);
  for (size_t r = 0; r < outputs.size(); ++r) {
    program.values[first + static_cast<int>(r)].layout = layout;
    renamed[outputs[r]] = first + static_cast<int>(r);
  }
}

}  // namespace

void fuse_elementwise(Program& program, bool chains) {
  const size_t count = program.nodes.size();
  std::vector<char> can(count, 0);
  // Depth counts the nodes of other kinds on the longest way to a node. Between two element by element nodes
  // of equal depth and shape there is no way through any other node, so that they can be one.
  std::vector<int> depth(count, 0);
  for (size_t n = 0; n < count; ++n) {
    can[n] = fusable(program, program.nodes[n]);
    for (int id : program.nodes[n].in) {
      const int producer = program.values[id].producer;
      if (producer >= 0) depth[n] = std::max(depth[n], depth[producer] + (can[producer] ? 0 : 1));
    }
  }
  // What is cheaply had from one other value is better made where it is used, in a later pass over the
  // elements, than kept until then: the mask of a relu from its output.
  if (chains) {
    const auto users = program.users();
    const auto kept = program.results();
    for (size_t n = count; n-- > 0;) {
      const ProgramNode& node = program.nodes[n];
      if (!can[n] || kept[node.out[0]] || users[node.out[0]].empty() ||
          dynamic_cast<const DropoutOp*>(node.op.get()))
        continue;
      int whole = 0, latest = std::numeric_limits<int>::max();
      for (int id : node.in) whole += program.values[id].type.shape.count() > 1;
      bool sinks = whole == 1 && node.op->flops(node.node) > 0 && cheap(*node.op);
      for (int user : users[node.out[0]]) {
        sinks = sinks && can[user] && depth[user] > depth[n] &&
                program.nodes[user].node.outputs[0].shape == node.node.outputs[0].shape &&
                program.values[program.nodes[user].out[0]].layout == program.values[node.out[0]].layout;
        latest = std::min(latest, depth[user]);
      }
      if (sinks) depth[n] = latest;
    }
  }
  Groups groups(count);
  const auto alike = [&](int a, int b) {
    const ProgramNode &x = program.nodes[a], &y = program.nodes[b];
    return can[a] && can[b] && depth[a] == depth[b] && x.carried == y.carried &&
           x.node.outputs[0].shape == y.node.outputs[0].shape &&
           program.values[x.out[0]].layout == program.values[y.out[0]].layout;
  };
  if (chains)
    for (size_t n = 0; n < count; ++n)
      for (int id : program.nodes[n].in)
        if (const int producer = program.values[id].producer;
            producer >= 0 && alike(static_cast<int>(n), producer))
          groups.join(producer, static_cast<int>(n));

  std::map<int, std::vector<int>> members;
  for (size_t n = 0; n < count; ++n)
    if (can[n]) members[groups.find(static_cast<int>(n))].push_back(static_cast<int>(n));
  const auto users = program.users();
  const auto kept = program.results();
  std::vector<int> renamed(program.values.size());
  std::iota(renamed.begin(), renamed.end(), 0);
  for (const auto& group : members) replace_group(program, group.second, users, kept, renamed);
  program.rename(renamed);
}

}  // namespace folio
