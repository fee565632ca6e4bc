#include "folio/ops/scan_body.h"

#include <fmt/format.h>

#include <unordered_map>
#include <unordered_set>

namespace folio {
namespace {

bool is_scalar_constant(const Value& value) { return op_cast<ConstantOp>(value) && value.rank() == 0; }

}  // namespace

Values ScanBody::inputs() const {
  Values all = states;
  all.insert(all.end(), slices.begin(), slices.end());
  all.insert(all.end(), shared.begin(), shared.end());
  return all;
}

Values ScanBody::results() const {
  Values all = new_states;
  all.insert(all.end(), outputs.begin(), outputs.end());
  for (const RowSum& sum : sums) all.insert(all.end(), sum.operands.begin(), sum.operands.end());
  return all;
}

TensorType RowSum::type() const {
  Types types;
  for (const Value& operand : operands) types.push_back(operand.type());
  return op->infer(types)[0];
}

void ScanBody::replace(const ValueMap& replacements) {
  const Values now = folio::replace(results(), replacements);
  auto at = now.begin();
  const auto take = [&](Values& values) {
    for (Value& value : values) value = *at++;
  };
  take(new_states);
  take(outputs);
  for (RowSum& sum : sums) take(sum.operands);
}

std::string ScanBody::text() const {
  std::unordered_map<const Node*, size_t> numbers;
  for (const Value& value : inputs()) numbers.try_emplace(&value.node(), numbers.size());
  const auto name = [&](const Value& value) {
    if (const auto* op = op_cast<ConstantOp>(value))
      return fmt::format("{} {}", to_string(value.dtype()), op->tensor().at(0));
    return fmt::format("%{}.{}", numbers.at(&value.node()), value.output());
  };
  std::string text;
  for (const auto& node : nodes_of(results())) {
    if (node->inputs.empty() || !numbers.try_emplace(node.get(), numbers.size()).second) continue;
    text += fmt::format("{} {{{}}}", node->op->name(), node->op->attributes());
    for (const Value& input : node->inputs) text += " " + name(input);
    text += "; ";
  }
  for (const Value& result : results()) text += name(result) + " ";
  for (const RowSum& sum : sums)
    text += fmt::format("sum {} {{{}}} of {}; ", sum.op->name(), sum.op->attributes(), sum.operands.size());
  return text;
}

ClosedBody close_body(ScanBody open) {
  ClosedBody closed{std::move(open), {}};
  ScanBody& body = closed.body;
  std::unordered_set<const Node*> varying;
  for (const Value& value : body.inputs()) varying.insert(&value.node());
  ValueMap known;
  const auto share = [&](const Value& value) {
    if (varying.count(&value.node()) || is_scalar_constant(value)) return;
    const auto [place, fresh] = known.try_emplace(key_of(value));
    if (!fresh) return;
    place->second = input(value.shape(), value.dtype(), "shared");
    body.shared.push_back(place->second);
    closed.shared.push_back(value);
  };
  for (const auto& node : nodes_of(body.results())) {
    bool varies = varying.count(node.get()) > 0;
    for (const Value& input : node->inputs) varies = varies || varying.count(&input.node());
    if (!varies) continue;
    varying.insert(node.get());
    for (const Value& input : node->inputs) share(input);
  }
  for (const Value& result : body.results()) share(result);
  body.replace(known);
  return closed;
}

}  // namespace folio
