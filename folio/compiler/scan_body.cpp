// A scan's body before its kernels are chosen: a few rewrites that pay inside of a loop.
#include "folio/compiler/scan_body.h"

#include <numeric>

#include "folio/ops/added_matmul.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/slice.h"

namespace folio {
namespace {

// The op if the node splits the last dimension of a matrix.
const SplitOp* columns_split(const ProgramNode& node) {
  const auto* split = dynamic_cast<const SplitOp*>(node.op.get());
  return split && split->axis() == 1 && node.node.inputs[0].rank() == 2 ? split : nullptr;
}

// split(f(x, y)) becomes f(split(x), split(y)): then f joins what is done with the parts.
void split_early(Program& body) {
  const std::vector<std::vector<int>> users = body.users();
  const std::vector<char> results = body.results();
  std::vector<int> renamed(body.values.size());
  std::iota(renamed.begin(), renamed.end(), 0);
  for (size_t n = 0; n < body.nodes.size(); ++n) {
    const auto* split = columns_split(body.nodes[n]);
    if (!split) continue;
    const int whole = body.nodes[n].in[0], producer = body.values[whole].producer;
    if (producer < 0 || users[whole].size() != 1 || results[whole]) continue;
    const ProgramNode from = body.nodes[producer];
    const TensorType type = body.values[whole].type;
    if (!dynamic_cast<const ElementwiseOp*>(from.op.get()) || type.dtype != DType::float32) continue;
    std::vector<int64_t> sizes;
    for (int id : body.nodes[n].out) sizes.push_back(body.values[id].type.shape[1]);
    std::vector<std::vector<int>> arguments(sizes.size());
    for (int id : from.in) {
      const Shape shape = body.values[id].type.shape;
      int part = id;
      if (shape.rank() > 0 && shape[-1] == type.shape[1] && shape[-1] > 1)
        part = body.add_node(std::make_shared<SplitOp>(shape.rank() - 1, sizes), {id}, from.scope);
      for (auto& list : arguments) list.push_back(part == id ? id : part++);
    }
    const std::vector<int> parts = body.nodes[n].out;
    for (size_t i = 0; i < parts.size(); ++i) {
      const int made = body.add_node(from.op, arguments[i], from.scope);
      while (static_cast<int>(renamed.size()) <= parts[i])
        renamed.push_back(static_cast<int>(renamed.size()));
      renamed[parts[i]] = made;
    }
  }
  body.rename(renamed);
}

// True when nobody else reads the product, so that another one can be added in its place.
bool is_lone_product(const Program& body, int value, const std::vector<std::vector<int>>& users,
                     const std::vector<char>& results) {
  if (body.values[value].producer < 0 || users[value].size() != 1 || results[value]) return false;
  const ProgramNode& node = body.nodes[body.values[value].producer];
  const auto* product = dynamic_cast<const MatMulOp*>(node.op.get());
  return (product && !product->transpose_a()) || dynamic_cast<const AddedMatMulOp*>(node.op.get());
}

void add_products(Program& body) {
  const std::vector<std::vector<int>> users = body.users();
  const std::vector<char> results = body.results();
  for (ProgramNode& node : body.nodes) {
    if (node.op->name() != "Add" || body.values[node.out[0]].type.shape.rank() != 2 ||
        body.values[node.out[0]].type.dtype != DType::float32 || node.in[0] == node.in[1])
      continue;
    const auto lone = [&](int side) {
      return body.values[node.in[side]].type == body.values[node.out[0]].type &&
             is_lone_product(body, node.in[side], users, results);
    };
    if (!lone(0) || !lone(1)) continue;
    for (int side : {1, 0}) {
      const ProgramNode& added = body.nodes[body.values[node.in[side]].producer];
      const auto* product = dynamic_cast<const MatMulOp*>(added.op.get());
      if (!product) continue;
      node.op = std::make_shared<AddedMatMulOp>(product->transpose_b());
      node.in = {added.in[0], added.in[1], node.in[1 - side]};
      body.refresh(node);
      break;
    }
  }
}

}  // namespace

void prepare_body(Program& body) {
  split_early(body);
  body.tidy();
  add_products(body);
  body.tidy();
}

}  // namespace folio
