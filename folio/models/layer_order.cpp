#include "folio/models/layer_order.h"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "folio/layers/core/input_layer.h"
#include "folio/layers/trace.h"

namespace folio {
namespace {

// What counts as one layer: all calls of it, or a node that no layer made.
const void* layer_of(const Node* node) {
  const auto* call = dynamic_cast<const LayerCallOp*>(node->op.get());
  return call ? static_cast<const void*>(call->layer().get()) : node;
}

/// A walk back from the outputs: the nodes, inputs before users, and when each layer was met first.
struct Walk {
  std::vector<const Node*> finished;
  std::map<const void*, int> met;

  explicit Walk(const Values& outputs) {
    for (const Value& value : outputs) {
      enter(&value.node());
      while (!way_.empty()) {
        auto& [node, seen] = way_.back();
        if (seen < node->inputs.size()) {
          enter(&node->inputs[seen++].node());
        } else {
          finished.push_back(node);
          way_.pop_back();
        }
      }
    }
  }

 private:
  void enter(const Node* node) {
    if (!entered_.insert(node).second) return;
    met.try_emplace(layer_of(node), static_cast<int>(met.size()));
    way_.emplace_back(node, 0);
  }
  std::set<const Node*> entered_;
  // Nodes on the way, each with the number of its inputs seen: chains may be longer than any stack.
  std::vector<std::pair<const Node*, size_t>> way_;
};

Layer layer_of_node(const Node& node) {
  if (const auto* call = dynamic_cast<const LayerCallOp*>(node.op.get())) return Layer(call->layer());
  if (const auto* input = dynamic_cast<const InputOp*>(node.op.get()))
    return InputLayer(
        node.outputs[0].shape.from(1),
        {.batch_size = node.outputs[0].shape[0], .dtype = node.outputs[0].dtype, .name = input->label()});
  return {};
}

}  // namespace

std::vector<Layer> layers_in_order(const Values& inputs, const Values& outputs) {
  Walk walk(outputs);
  std::map<const Node*, int> node_depth;
  std::map<const void*, int> depth;
  std::map<const void*, const Node*> first_node;
  for (auto it = walk.finished.rbegin(); it != walk.finished.rend(); ++it) {
    const Node* node = *it;
    const void* layer = layer_of(node);
    const int at = std::max(node_depth[node], depth[layer]);
    depth[layer] = node_depth[node] = at;
    first_node.try_emplace(layer, node);
    for (const Value& value : node->inputs)
      node_depth[&value.node()] = std::max(node_depth[&value.node()], at + 1);
  }
  for (const Value& value : inputs) {
    const Node* node = &value.node();
    if (first_node.try_emplace(node, node).second) depth[node] = 0, walk.met[node] = -1;
  }
  std::vector<const void*> order;
  for (const auto& entry : first_node) order.push_back(entry.first);
  std::sort(order.begin(), order.end(), [&](const void* a, const void* b) {
    return depth[a] != depth[b] ? depth[a] > depth[b] : walk.met[a] < walk.met[b];
  });
  std::vector<Layer> layers;
  for (const void* key : order)
    if (Layer layer = layer_of_node(*first_node[key]); layer.defined()) layers.push_back(std::move(layer));
  return layers;
}

Layer maker_of(const Value& value) {
  const auto* call = op_cast<LayerCallOp>(value);
  return call ? Layer(call->layer()) : Layer();
}

}  // namespace folio
