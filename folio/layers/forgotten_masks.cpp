#include "folio/layers/forgotten_masks.h"

#include <algorithm>

#include "folio/layers/trace.h"

namespace folio {

ForgottenMasks::ForgottenMasks(const std::vector<const Node*>& nodes) {
  const auto place_of = [&](const Node* node) -> Place& {
    return places_.try_emplace(node, Place{0, places_.size()}).first->second;
  };
  std::unordered_map<const LayerBody*, int64_t> of_layers;
  for (size_t i = nodes.size(); i-- > 0;) {
    int64_t& depth = place_of(nodes[i]).depth;
    const auto* op = dynamic_cast<const LayerCallOp*>(nodes[i]->op.get());
    if (op) {  // a layer that is called several times comes as early as its first call
      int64_t& of_layer = of_layers[op->layer().get()];
      depth = of_layer = std::max(depth, of_layer);
      if (dynamic_cast<const ForgetsMasks*>(op->layer().get()))
        for (const Value& value : op->call(nodes[i]->inputs).inputs)
          by_[{&value.node(), value.output()}].push_back(nodes[i]);
    }
    for (const Value& value : nodes[i]->inputs) {
      int64_t& before = place_of(&value.node()).depth;
      before = std::max(before, places_.at(nodes[i]).depth + 1);
    }
  }
}

bool ForgottenMasks::hides(const Value& value, const Node& user) const {
  const auto found = by_.find({&value.node(), value.output()});
  return found != by_.end() && std::any_of(found->second.begin(), found->second.end(), [&](const Node* node) {
           return node != &user && places_.at(node).before(places_.at(&user));
         });
}

}  // namespace folio
