// A call of a layer: the arguments that it may have, what it is told and what it leaves behind.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "folio/graph/graph.h"

namespace folio {

/// One value where several may stand: `.mask = m`, `.initial_state = {h, c}`.
struct OneOrMore : Values {
  OneOrMore() = default;
  OneOrMore(Value value) : Values{std::move(value)} {}                // NOLINT: written without braces
  OneOrMore(Values values) : Values(std::move(values)) {}             // NOLINT
  OneOrMore(std::initializer_list<Value> values) : Values(values) {}  // NOLINT
};

/// What a named argument of a call is: values, a flag or a number.
using CallValue = std::variant<Values, bool, double>;
using CallArguments = std::map<std::string, CallValue>;

/// An argument that a layer's call takes beside its inputs, by the name that Keras gives it.
struct CallArgument {
  enum class Kind {
    input,   ///< one of several inputs that Keras takes one by one: "query"
    mask,    ///< the mask of an input: "query_mask"; of all of them: "mask"
    value,   ///< "attention_mask"
    values,  ///< a list: "initial_state"
    flag,    ///< "use_causal_mask"
    number,
  };
  std::string name;
  Kind kind = Kind::value;
  /// Of flags and numbers: what they are in a call that does not say. Without it, the call does not know
  /// them.
  std::optional<double> otherwise = {};
  /// Of masks: the number of the input; -1: a list of one for each.
  int input = -1;

  static CallArgument mask() { return {"mask", Kind::mask}; }
  static CallArgument value(std::string name) { return {std::move(name), Kind::value}; }
  static CallArgument flag(std::string name, bool otherwise = false) {
    return {std::move(name), Kind::flag, otherwise ? 1.0 : 0.0};
  }
  static CallArgument values(std::string name) { return {std::move(name), Kind::values}; }
  /// Whether the call behaves as in training; the model decides where the call does not say. `otherwise` is
  /// what Keras writes then, if anything.
  static CallArgument training(std::optional<double> otherwise = {}) {
    return {"training", Kind::flag, otherwise};
  }
};
using CallArgumentList = std::vector<CallArgument>;

/// What a layer's call is told.
struct LayerCall {
  Values inputs = {};
  /// Masks of the inputs, (batch, steps): 1 for a step that counts, 0 for one that does not. Undefined or
  /// missing for inputs of which all steps count.
  Values masks = {};
  /// Those of the layer's `arguments()` that are neither inputs nor masks.
  CallArguments named = {};
  bool training = false;
  uint64_t seed = 0;
  /// int64 scalar: the training step, for random layers. Defined when training.
  Value step = {};

  const Value& input(size_t number = 0) const { return inputs[number]; }
  Value mask(size_t input = 0) const { return input < masks.size() ? masks[input] : Value(); }
  /// Named values; none when the call has no such argument.
  const Values& values(const std::string& name) const;
  /// The only one of them; undefined when there is none.
  Value value(const std::string& name) const;
  bool flag(const std::string& name) const;
  double number(const std::string& name) const;
  /// A call within this one, of a layer that is part of the layer: told the same of training, seed and step.
  LayerCall within(Values inputs, Values masks = {}, CallArguments named = {}) const;
};

/// What calls leave behind beside their outputs, while they are traced.
struct Effects {
  /// State that a run changes: moving statistics, counters. Read at the start of a run, written at its end.
  std::vector<Update> updates = {};
  /// Numbers that are added to the training loss: penalties on outputs.
  Values losses = {};
  /// Where a call leaves the masks of its outputs when `compute_masks` cannot tell them.
  std::optional<Values> output_masks = {};
  /// Number of the next random call.
  uint32_t next_site = 0;

  /// A number for a random call: the same place in the model always gets the same one, if every call asks in
  /// every phase.
  uint32_t random_site() { return next_site++; }
};

/// Arguments beside the inputs, when a layer is called on symbolic values: `lstm(x, {.initial_state = {h,
/// c}})`.
struct CallOptions {
  OneOrMore initial_state = {};
  /// Of each input; undefined or missing where the mask that came with the input holds.
  OneOrMore mask = {};
  Value attention_mask = {};
  /// Whether the call behaves as in training, whatever the model is doing.
  std::optional<bool> training = {};
  std::optional<bool> use_causal_mask = {}, return_attention_scores = {};
  /// Those that have no place above, by name.
  CallArguments others = {};

  /// All but the masks, by name.
  CallArguments named() const;
};

}  // namespace folio
