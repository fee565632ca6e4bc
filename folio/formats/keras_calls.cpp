#include "folio/formats/keras_calls.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "folio/formats/keras_layers.h"

namespace folio {
namespace {

using Kind = CallArgument::Kind;
using Tensors = std::vector<SavedTensor>;

// Constants
// ------------------------------------------------------------------------------------------------------------

constexpr int kMostDimensions = 8;

// The sizes of a list of lists, taken from the first of each; and its numbers, which must fill them.
void collect_sizes(const Json& json, std::vector<int64_t>& sizes) {
  for (const Json* list = &json; list->is_array() && sizes.size() <= kMostDimensions; list = &(*list)[0]) {
    sizes.push_back(static_cast<int64_t>(list->size()));
    if (list->empty()) return;
  }
}

bool collect_numbers(const Json& json, const std::vector<int64_t>& sizes, size_t depth, Tensor& to,
                     int64_t& at) {
  if (depth == sizes.size()) {
    if (!json.is_number() && !json.is_boolean()) return false;
    to.set(at++, json.is_boolean() ? json.get<bool>() : json.get<double>());
    return true;
  }
  if (!json.is_array() || static_cast<int64_t>(json.size()) != sizes[depth]) return false;
  return std::all_of(json.begin(), json.end(),
                     [&](const Json& item) { return collect_numbers(item, sizes, depth + 1, to, at); });
}

// Whole numbers count like others: what is computed with them is.
Tensor read_constant(const Json& json, const std::string& place) {
  const Json& value = json.is_number() ? json : entry_of(entry_of(json, "config"), "value");
  std::vector<int64_t> sizes;
  collect_sizes(value, sizes);
  const bool fits = sizes.size() <= kMostDimensions &&
                    std::none_of(sizes.begin(), sizes.end(), [](int64_t size) { return size == 0; });
  // Every size but the first ones is a promise: the numbers that are there must fill them.
  double promised = 1;
  for (int64_t size : sizes) promised *= static_cast<double>(size);
  if (fits && promised <= static_cast<double>(value.is_array() ? value.dump().size() : 1)) {
    Tensor tensor(Shape(sizes), floatx());
    int64_t at = 0;
    if (collect_numbers(value, sizes, 0, tensor, at)) return tensor;
  }
  throw Error(
      fmt::format("{}: expected a constant of numbers in equally long lists, got {}", place, excerpt(value)));
}

Json nested_list(const Tensor& tensor, int dimension, int64_t& at) {
  if (dimension == tensor.shape().rank()) return tensor.at(at++);
  Json list = Json::array();
  for (int64_t i = 0; i < tensor.shape()[dimension]; ++i)
    list.push_back(nested_list(tensor, dimension + 1, at));
  return list;
}

Json written(const Tensor& constant) {
  int64_t at = 0;
  Json value = nested_list(constant, 0, at);
  if (constant.shape().rank() == 0) return value;
  return {{"class_name", "__numpy__"},
          {"config", {{"value", std::move(value)}, {"dtype", to_string(constant.dtype())}}}};
}

// Tensors
// ------------------------------------------------------------------------------------------------------------

Json written(const OutputReference& reference) {
  return {{"class_name", "__keras_tensor__"},
          {"config",
           {{"shape", keras_shape(reference.type.shape)},
            {"dtype", to_string(reference.type.dtype)},
            {"keras_history", keras_triplet(reference)}}}};
}

Json written(const SavedTensor& tensor) {
  return std::visit([](const auto& kind) { return written(kind); }, tensor);
}

// All tensors in lists and objects, in Keras' order.
void collect(const Json& json, const std::string& place, Tensors& to) {
  if (json.is_array()) {
    for (const Json& item : json) collect(item, place, to);
  } else if (entry_of(json, "class_name") == "__keras_tensor__") {
    auto one = read_keras_triplet(entry_of(entry_of(json, "config"), "keras_history"));
    if (!one) throw Error(place + ": keras_history: expected [layer, call, output], got something else");
    to.emplace_back(std::move(*one));
  } else if (is_keras_constant(json)) {
    to.emplace_back(read_constant(json, place));
  } else if (json.is_object() && !json.contains("class_name")) {
    std::map<std::string, const Json*> sorted;
    for (const auto& [key, item] : json.items()) sorted[key] = &item;
    for (const auto& [key, item] : sorted) collect(*item, place, to);
  } else if (!json.is_null()) {
    throw Error(
        fmt::format("{}: expected outputs of layers or numbers as arguments, got {}; save the model "
                    "without it",
                    place, excerpt(json)));
  }
}

// The tree with an item of the list in place of each number.
Json filled_in(const Json& tree, const Json& list) {
  if (tree.is_number()) return list[tree.get<size_t>()];
  Json result = tree;
  for (Json& item : result) item = filled_in(item, list);
  return result;
}

// Calls
// ------------------------------------------------------------------------------------------------------------

std::vector<std::string> input_names(const CallArgumentList& list) {
  std::vector<std::string> names;
  for (const CallArgument& argument : list)
    if (argument.kind == Kind::input) names.push_back(argument.name);
  return names;
}

// `x[:, 1:3, -1]` in Keras' words.
IndexPart index_part(const Json& json, const std::string& place) {
  using PartKind = IndexPart::Kind;
  constexpr int64_t kMost = 1'000'000'000;
  const auto whole = [&](const Json& number) -> std::optional<int64_t> {
    if (number.is_null()) return {};
    if (!number.is_number_integer() || number > kMost || number < -kMost)
      throw Error(fmt::format("{}: index: expected whole numbers, got {}; save the model without it", place,
                              excerpt(number)));
    return number.get<int64_t>();
  };
  if (json.is_null()) return {PartKind::new_axis};
  if (entry_of(json, "class_name") == "__ellipsis__") return {PartKind::ellipsis};
  if (entry_of(json, "class_name") != "__slice__") return {PartKind::number, whole(json)};
  const Json& slice = entry_of(json, "config");
  return {PartKind::slice, whole(entry_of(slice, "start")), whole(entry_of(slice, "stop")),
          whole(entry_of(slice, "step")).value_or(1)};
}

Json written(const IndexPart& part) {
  const auto number = [](const std::optional<int64_t>& at) { return at ? Json(*at) : Json(); };
  switch (part.kind) {
    case IndexPart::Kind::new_axis:
      return nullptr;
    case IndexPart::Kind::ellipsis:
      return {{"class_name", "__ellipsis__"}, {"config", Json::object()}};
    case IndexPart::Kind::number:
      return *part.start;
    case IndexPart::Kind::slice:
      break;
  }
  return {{"class_name", "__slice__"},
          {"config",
           {{"start", number(part.start)},
            {"stop", number(part.stop)},
            {"step", part.step == 1 ? Json() : Json(part.step)}}}};
}

class CallReader {
 public:
  CallReader(const LayerBody& layer, bool function, const std::string& place)
      : layer_(layer),
        function_(function),
        place_(place),
        list_(layer.arguments()),
        names_(input_names(list_)) {
    for (const CallArgument& argument : list_)
      if (argument.kind != Kind::input) others_.push_back(argument);
    inputs_.resize(std::max<size_t>(names_.size(), 1));
  }

  SavedCall read(const Json& node) {
    const Json& args = entry_of(node, "args");
    for (size_t i = 0; args.is_array() && i < args.size(); ++i)
      by_position(args[i], i, fmt::format("{}: args[{}]", place_, i));
    if (names_.empty()) only_input(entry_of(node, "kwargs"));
    if (const Json& named = entry_of(node, "kwargs"); named.is_object())
      for (const auto& [name, json] : named.items()) by_name(name, json);
    for (Tensors& some : inputs_) call_.inputs.insert(call_.inputs.end(), some.begin(), some.end());
    states_after_inputs();
    check();
    return std::move(call_);
  }

 private:
  // The names that Keras has given the input of layers with one, which may be a list.
  static const std::vector<std::string>& only_names() {
    static const std::vector<std::string> names = {"inputs", "sequence", "sequences", "x", "x1", "x2"};
    return names;
  }
  static bool is_among(const std::vector<std::string>& names, const std::string& name) {
    return std::find(names.begin(), names.end(), name) != names.end();
  }

  void only_input(const Json& named) {
    for (const std::string& name : only_names())
      collect(entry_of(named, name), place_ + ": " + name, inputs_[0]);
  }

  void by_position(const Json& json, size_t at, const std::string& place) {
    if (layer_.class_name() == "GetItem" && at == 1) return;  // its index
    if (function_ || at < inputs_.size())
      return collect(json, place, inputs_[std::min(at, inputs_.size() - 1)]);
    if (json.is_null()) return;
    if (at - inputs_.size() >= others_.size())
      throw Error(
          fmt::format("{}: expected no more arguments, got {}; {}", place, excerpt(json), what_it_takes()));
    take(others_[at - inputs_.size()], json, place);
  }

  void by_name(const std::string& name, const Json& json) {
    if (json.is_null() || (names_.empty() && is_among(only_names(), name))) return;
    const std::string place = place_ + ": " + name;
    if (layer_.class_name() == "GetItem" && name == "key") return;
    for (size_t i = 0; i < names_.size(); ++i)
      if (names_[i] == name) return collect(json, place, inputs_[i]);
    for (const CallArgument& argument : others_)
      if (argument.name == name) return take(argument, json, place);
    // Every input may have a mask, and every call its phase.
    if (name == "mask") return take(CallArgument::mask(), json, place);
    if (json == false) return;
    if (name == "training") return take(CallArgument::training(), json, place);
    throw Error(
        fmt::format("{}: expected no such argument, got {}; {}", place, excerpt(json), what_it_takes()));
  }

  std::string what_it_takes() const {
    std::vector<std::string> names;
    for (const CallArgument& argument : list_) names.push_back(argument.name);
    return fmt::format("a call of {} takes {}, save the model without it", layer_.class_name(),
                       names.empty() ? "its inputs alone" : fmt::format("{}", fmt::join(names, ", ")));
  }

  void take(const CallArgument& argument, const Json& json, const std::string& place) {
    const auto wrong = [&](const char* expected) {
      return Error(fmt::format("{}: expected {}, got {}", place, expected, excerpt(json)));
    };
    switch (argument.kind) {
      case Kind::input:
        break;  // taken before
      case Kind::mask:
        return take_masks(argument, json, place);
      case Kind::value:
      case Kind::values: {
        Tensors tensors;
        collect(json, place, tensors);
        if (tensors.empty() || (argument.kind == Kind::value && tensors.size() > 1))
          throw wrong(argument.kind == Kind::value ? "one output of a layer" : "outputs of layers");
        call_.named[argument.name] = std::move(tensors);
        break;
      }
      case Kind::flag:
        if (!json.is_boolean()) throw wrong("true or false");
        if (argument.otherwise != std::optional(json.get<bool>() ? 1.0 : 0.0))
          call_.named[argument.name] = json.get<bool>();
        break;
      case Kind::number:
        if (!json.is_number()) throw wrong("a number");
        if (argument.otherwise != json.get<double>()) call_.named[argument.name] = json.get<double>();
        break;
    }
  }

  // A mask, or a list with one for each input; null stands for none.
  void take_masks(const CallArgument& argument, const Json& json, const std::string& place) {
    const Json list = argument.input < 0 && json.is_array() ? json : Json::array({json});
    const size_t first = argument.input < 0 ? 0 : static_cast<size_t>(argument.input);
    call_.masks.resize(std::max(call_.masks.size(), first + list.size()));
    for (size_t i = 0; i < list.size(); ++i) {
      Tensors found;
      collect(list[i], place, found);
      if (!found.empty()) call_.masks[first + i] = found[0];
    }
  }

  // Keras 2 gives layers that take an initial state a list of the input and the states.
  void states_after_inputs() {
    const bool has_states = std::any_of(others_.begin(), others_.end(), [](const CallArgument& argument) {
      return argument.name == "initial_state" && argument.kind == Kind::values;
    });
    if (!has_states || call_.inputs.size() <= inputs_.size() || call_.named.count("initial_state")) return;
    const auto first = call_.inputs.begin() + static_cast<std::ptrdiff_t>(inputs_.size());
    call_.named["initial_state"] = Tensors(first, call_.inputs.end());
    call_.inputs.erase(first, call_.inputs.end());
  }

  void check() const {
    const auto is_output = [](const SavedTensor& tensor) {
      return std::holds_alternative<OutputReference>(tensor);
    };
    if (std::none_of(call_.inputs.begin(), call_.inputs.end(), is_output))
      throw Error(place_ + ": expected at least one output of a layer as argument, got none");
    if (call_.masks.size() > call_.inputs.size())
      throw Error(fmt::format("{}: mask: expected at most a mask for each of {} inputs, got {}", place_,
                              call_.inputs.size(), call_.masks.size()));
  }

  const LayerBody& layer_;
  const bool function_;
  const std::string& place_;
  const CallArgumentList list_;
  const std::vector<std::string> names_;
  CallArgumentList others_;      // those that are no inputs
  std::vector<Tensors> inputs_;  // by name; one list where inputs have none
  SavedCall call_;
};

}  // namespace

std::vector<IndexPart> read_keras_index(const Json& node, const std::string& place) {
  const Json &args = entry_of(node, "args"), &key = entry_of(entry_of(node, "kwargs"), "key");
  const Json given = args.is_array() && args.size() > 1 ? args[1] : key;
  std::vector<IndexPart> index;
  for (const Json& part : given.is_array() ? given : Json::array({given}))
    index.push_back(index_part(part, place));
  return index;
}

SavedCall read_keras_call(const Json& node, const LayerBody& layer, bool function, const std::string& place) {
  if (!node.is_object())
    throw Error(fmt::format("{}: expected args and kwargs, got {}; save the model with Keras 3", place,
                            excerpt(node)));
  return CallReader(layer, function, place).read(node);
}

// Keras gives most layers one argument, a tensor or a list of them; functions and attention take them one by
// one.
Json keras_call(const SavedCall& call, const LayerBody& layer, const Structure& inputs) {
  const CallArgumentList list = layer.arguments();
  Json tensors = Json::array(), named = Json::object();
  for (const SavedTensor& tensor : call.inputs) tensors.push_back(written(tensor));
  const auto mask = [&](size_t input) {
    return input < call.masks.size() && call.masks[input] ? written(*call.masks[input]) : Json();
  };
  for (const CallArgument& argument : list) {
    if (argument.kind == Kind::mask) {
      Json masks = Json::array();
      if (argument.input < 0)
        for (size_t i = 0; i < call.masks.size(); ++i) masks.push_back(mask(i));
      else
        masks.push_back(mask(static_cast<size_t>(argument.input)));
      const bool some =
          std::any_of(masks.begin(), masks.end(), [](const Json& one) { return !one.is_null(); });
      if (some) named[argument.name] = masks.size() == 1 ? masks[0] : masks;
    }
    const auto found = call.named.find(argument.name);
    if (found == call.named.end()) continue;
    if (const auto* values = std::get_if<Tensors>(&found->second)) {
      Json items = Json::array();
      for (const SavedTensor& value : *values) items.push_back(written(value));
      named[argument.name] = argument.kind == Kind::value ? items[0] : items;
    } else if (const auto* flag = std::get_if<bool>(&found->second)) {
      named[argument.name] = *flag;
    } else {
      named[argument.name] = std::get<double>(found->second);
    }
  }
  if (const auto* function = dynamic_cast<const FunctionBody*>(&layer);
      function && !function->index().empty()) {
    tensors.push_back(Json::array());
    for (const IndexPart& part : function->index()) tensors.back().push_back(written(part));
  }
  const bool one_by_one = !input_names(list).empty() || (call.inputs.size() == 1 && !inputs.tree);
  return {{"args", one_by_one ? tensors : Json::array({arranged(inputs, tensors)})}, {"kwargs", named}};
}

bool is_keras_constant(const Json& json) {
  const Json& name = entry_of(json, "class_name");
  return json.is_number() || name == "__numpy__" || name == "__tensor__";
}

Json keras_triplet(const OutputReference& reference) {
  return Json::array({reference.layer, reference.call, reference.output});
}

std::optional<OutputReference> read_keras_triplet(const Json& json) {
  if (!json.is_array() || json.size() != 3 || !json[0].is_string() || !json[1].is_number_integer() ||
      !json[2].is_number_integer())
    return std::nullopt;
  return OutputReference{json[0].get<std::string>(), json[1].get<int64_t>(), json[2].get<int64_t>()};
}

Json keras_shape(const Shape& shape) {
  Json list = Json::array();
  for (int64_t size : shape) list.push_back(size == kUnknown ? Json() : Json(size));
  return list;
}

Json arranged(const Structure& structure, Json list) {
  return structure.tree ? filled_in(*structure.tree, list) : list;
}

}  // namespace folio
