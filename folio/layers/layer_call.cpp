#include "folio/layers/layer_call.h"

namespace folio {
namespace {

template <class T>
T found_or(const CallArguments& arguments, const std::string& name, T otherwise) {
  const auto found = arguments.find(name);
  const T* value = found == arguments.end() ? nullptr : std::get_if<T>(&found->second);
  return value ? *value : otherwise;
}

}  // namespace

const Values& LayerCall::values(const std::string& name) const {
  static const Values none;
  const auto found = named.find(name);
  const Values* values = found == named.end() ? nullptr : std::get_if<Values>(&found->second);
  return values ? *values : none;
}

Value LayerCall::value(const std::string& name) const {
  const Values& all = values(name);
  return all.empty() ? Value() : all[0];
}

bool LayerCall::flag(const std::string& name) const { return found_or(named, name, false); }
double LayerCall::number(const std::string& name) const { return found_or(named, name, 0.0); }

LayerCall LayerCall::within(Values inputs, Values masks, CallArguments named) const {
  return {std::move(inputs), std::move(masks), std::move(named), training, seed, step};
}

CallArguments CallOptions::named() const {
  CallArguments all = others;
  if (!initial_state.empty()) all.emplace("initial_state", static_cast<const Values&>(initial_state));
  if (attention_mask.defined()) all.emplace("attention_mask", Values{attention_mask});
  for (const auto& [name, flag] : {std::pair{"training", training},
                                   {"use_causal_mask", use_causal_mask},
                                   {"return_attention_scores", return_attention_scores}})
    if (flag) all.emplace(name, *flag);
  return all;
}

}  // namespace folio
