#include "folio/ops/gradients.h"

#include <map>
#include <set>
#include <unordered_set>

#include "folio/base/error.h"
#include "folio/graph/rewrite.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reshape.h"
#include "folio/ops/slice.h"

namespace folio {
namespace {

// What several users of a value add to its gradient. Pieces of slices are put together by one op: each alone
// would be as large as the value, and n slices would cost n of its size.
Value sum_of(const Values& parts) {
  Value total, slices;
  Values pieces;
  std::vector<SliceGradientOp::Place> places;
  for (const Value& part : parts) {
    if (const auto* op = op_cast<SliceGradientOp>(part)) {
      slices = part;
      places.insert(places.end(), op->places().begin(), op->places().end());
      pieces.insert(pieces.end(), part.node().inputs.begin(), part.node().inputs.end());
    } else {
      total = total.defined() ? total + part : part;
    }
  }
  if (!slices.defined()) return total;
  if (pieces.size() > slices.node().inputs.size())
    slices = apply_one(std::make_shared<SliceGradientOp>(std::move(places)), std::move(pieces));
  return total.defined() ? total + slices : slices;
}

}  // namespace

Values gradients(const Value& y, const Values& wrt) {
  if (!is_floating(y.dtype()))
    throw Error("gradients: expected a floating-point value, got " + to_string(y.type()));
  return gradients(y, broadcast_to(constant(1, y.dtype()), y.shape()), wrt);
}

Values gradients(const Value& y, const Value& dy, const Values& wrt) {
  Values result = gradients(Values{y}, Values{dy}, wrt);
  for (size_t i = 0; i < wrt.size(); ++i)
    if (!result[i].defined()) result[i] = broadcast_to(constant(0, wrt[i].dtype()), wrt[i].shape());
  return result;
}

Values gradients(const Values& ys, const Values& dys, const Values& wrt) {
  const auto order = nodes_of(ys);
  std::map<ValueKey, Values> parts;
  const auto add = [&](const Value& value, const Value& d) { parts[key_of(value)].push_back(d); };
  const auto gradient = [&](const Value& value) {
    const auto found = parts.find(key_of(value));
    if (found == parts.end()) return Value();
    if (found->second.size() > 1) found->second = {sum_of(found->second)};
    return found->second[0];
  };
  // Only nodes on a path from a wanted value need gradients.
  std::set<ValueKey> wanted;
  for (const Value& value : wrt) wanted.insert(key_of(value));
  std::unordered_set<const Node*> leads;
  for (const auto& node : order)
    for (size_t i = 0; i < std::max<size_t>(node->outputs.size(), 1); ++i) {
      bool found = wanted.count(key_of(Value(node, static_cast<int>(i)))) > 0;
      for (const Value& input : node->inputs) found = found || leads.count(&input.node());
      if (found) leads.insert(node.get());
    }

  for (size_t i = 0; i < ys.size(); ++i) add(ys[i], dys[i]);
  for (auto it = order.rbegin(); it != order.rend(); ++it) {
    const auto& node = *it;
    if (node->inputs.empty() || !leads.count(node.get())) continue;
    const Scope scope(node->scope + (node->scope.ends_with("gradient") ? "" : "/gradient"));
    GradientContext context{*node, node->inputs, {}, {}, {}};
    bool any = false;
    for (size_t i = 0; i < node->outputs.size(); ++i) {
      context.outputs.emplace_back(node, static_cast<int>(i));
      context.output_gradients.push_back(gradient(context.outputs.back()));
      any = any || context.output_gradients.back().defined();
    }
    if (!any) continue;
    for (const Value& input : node->inputs) context.wanted.push_back(leads.count(&input.node()) > 0);
    const Values result = node->op->gradient(context);
    for (size_t i = 0; i < result.size(); ++i)
      if (result[i].defined() && context.wanted[i]) add(node->inputs[i], result[i]);
  }

  Values result;
  for (const Value& value : wrt) result.push_back(gradient(value));
  return result;
}

}  // namespace folio
