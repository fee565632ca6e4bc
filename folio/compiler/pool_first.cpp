// Takes the maximum of windows before what never decreases: max(relu(x + b)) is relu(max(x) + b), to the bit,
// and most of the elements are gone before relu and + see them. Only where nobody asks for the maxima's
// places: equal maxima would change them, and with them the gradient's way.
#include "folio/compiler/passes.h"
#include "folio/ops/pooling.h"

namespace folio {
namespace {

// The operand that the windows may slide over instead of the result; -1 when the op is none of those.
int inner_operand(const Program& program, const ProgramNode& node) {
  const std::string name = node.op->name();
  if (name == "Relu") return 0;
  if (name != "Add") return -1;
  const Shape& result = node.node.outputs[0].shape;
  for (int side : {0, 1}) {
    const Shape &x = program.values[node.in[side]].type.shape,
                &b = program.values[node.in[1 - side]].type.shape;
    const bool same_everywhere = b.count() == 1 || (b.count() == b[-1] && b[-1] == result[-1]);
    if (x == result && same_everywhere && b != result) return side;
  }
  return -1;
}

}  // namespace

void pool_first(Program& program) {
  // Nodes that are added meanwhile are looked at too: a chain of several moves one by one.
  for (size_t n = 0; n < program.nodes.size(); ++n) {
    const ProgramNode pool = program.nodes[n];
    if (!dynamic_cast<const MaxPoolOp*>(pool.op.get())) continue;
    const int before = program.values[pool.in[0]].producer;
    if (before < 0) continue;
    ProgramNode moved = program.nodes[before];
    const int operand = inner_operand(program, moved);
    if (operand < 0) continue;
    const auto users = program.users();
    const auto kept = program.results();
    if (users[pool.in[0]].size() != 1 || kept[pool.in[0]] || !users[pool.out[1]].empty() || kept[pool.out[1]])
      continue;
    moved.in[operand] = program.add_node(pool.op, {moved.in[operand]}, pool.scope);
    const int result = program.add_node(moved.op, moved.in, moved.scope);
    for (int user : users[pool.out[0]]) {
      for (int& id : program.nodes[user].in)
        if (id == pool.out[0]) id = result;
      program.refresh(program.nodes[user]);
    }
    for (int& id : program.outputs)
      if (id == pool.out[0]) id = result;
    for (auto& update : program.updates)
      if (update.second == pool.out[0]) update.second = result;
    program.nodes[before].in.clear();  // nobody needs it: it is no user of its operands any more
    program.nodes[n].in.clear();
  }
}

}  // namespace folio
