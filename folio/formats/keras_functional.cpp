// Functional models: layers, each with its calls, and which outputs they are called on.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <queue>

#include "folio/base/error.h"
#include "folio/base/fields.h"
#include "folio/formats/keras_calls.h"
#include "folio/formats/keras_layers.h"
#include "folio/formats/keras_texts.h"
#include "folio/layers/catalog.h"
#include "folio/layers/core/function.h"

namespace folio {
namespace {

/// Where a model begins or ends.
class Ends {
 public:
  Ends(const Json& json, const std::string& place) {
    Json tree = collect(json, place, "");
    const auto is_number = [](const Json& item) { return item.is_number(); };
    if (!tree.is_number() && !(tree.is_array() && std::all_of(tree.begin(), tree.end(), is_number)))
      structure.tree = std::make_shared<const Json>(std::move(tree));
    const auto has_none = [](const std::string& key) { return key.empty(); };
    if (std::any_of(structure.keys.begin(), structure.keys.end(), has_none)) structure.keys.clear();
  }
  std::vector<OutputReference> references;
  Structure structure;

 private:
  // A triplet, or any lists and objects of triplets; Keras takes the entries of an object in the order of
  // their keys. Gives the same with numbers in place of triplets.
  Json collect(const Json& json, const std::string& place, const std::string& key) {
    if (auto one = read_keras_triplet(json)) {
      references.push_back(std::move(*one));
      structure.keys.push_back(key);
      return references.size() - 1;
    }
    if (json.is_array()) {
      Json tree = Json::array();
      for (const Json& item : json) tree.push_back(collect(item, place, key));
      return tree;
    }
    if (!json.is_object())
      throw Error(fmt::format("{}: expected [layer, call, output], got {}", place, excerpt(json)));
    std::map<std::string, const Json*> sorted;
    for (const auto& [name, item] : json.items()) sorted[name] = &item;
    Json tree = Json::object();
    for (const auto& [name, item] : sorted) tree[name] = collect(*item, place, key.empty() ? name : key);
    return tree;
  }
};

// True when a call of a function is given numbers beside tensors.
bool has_constants(const Json& nodes) {
  return std::any_of(nodes.begin(), nodes.end(), [](const Json& node) {
    const Json &args = entry_of(node, "args"), &named = entry_of(node, "kwargs");
    return std::any_of(args.begin(), args.end(), is_keras_constant) ||
           std::any_of(named.begin(), named.end(), is_keras_constant);
  });
}

class Functional {
 public:
  Functional(const KerasObject& object, const NestedModel& nested, LoadedModel& model)
      : object_(object), model_(model) {
    const Json& given = list_of(*object.config, "layers", object.place);
    const std::optional<Json> joined = without_texts(given, false, object.place);
    const Json& entries = joined ? *joined : given;
    for (size_t i = 0; i < entries.size(); ++i) read_entry(entries[i], i, nested);
    find_order();
    model.input_structure = read_ends("input_layers", model.inputs, model.input_names);
    model.output_structure = read_ends("output_layers", model.outputs, model.output_names);
    for (size_t i = 0; i < model.inputs.size(); ++i)
      if (!is_input(model.layers[names_.at(model.input_names[i])]))
        throw Error(fmt::format("{}: input_layers[{}]: expected an InputLayer, got \"{}\"", object.place, i,
                                model.input_names[i]));
    // Names of layers from here on, which may differ from the names in references.
    for (auto* ends : {&model.input_names, &model.output_names})
      for (std::string& name : *ends) name = model.layers[names_.at(name)].name();
  }

 private:
  struct Call {
    size_t layer, number;
    SavedCall arguments;
    std::string place;
    size_t missing = 0;           ///< inputs that are not there yet
    std::vector<size_t> waiting;  ///< calls that need this one
  };

  static bool is_input(const Layer& layer) { return layer.class_name() == "InputLayer"; }

  void read_entry(const Json& json, size_t index, const NestedModel& nested) {
    KerasObject entry = open_keras_object(json, fmt::format("{}: layers[{}]", object_.place, index));
    if (entry.name.empty()) throw Error(entry.place + ": name: expected a text, got nothing");
    if (!names_.emplace(entry.name, index).second)
      throw Error(
          fmt::format("{}: expected different names of layers, got \"{}\" twice", entry.place, entry.name));
    const Json& nodes = list_of(json, "inbound_nodes", entry.place);
    const Layer layer = entry.is_op() ? layer_for_op(entry, nodes) : make_keras_layer(json, entry, nested);
    std::vector<Call> calls;
    for (size_t i = 0; i < nodes.size(); ++i) {
      const std::string place = fmt::format("{}: inbound_nodes[{}]", entry.place, i);
      calls.push_back(
          {index, i, read_keras_call(nodes[i], layer.body(), entry.is_op(), place), place, 0, {}});
    }
    model_.layers.push_back(layer);
    is_op_.push_back(entry.is_op());
    is_functional_.push_back(entry.is_model() && entry.class_name != "Sequential");
    outputs_.emplace_back();
    first_call_.push_back(calls_.size());
    if (const auto* input = dynamic_cast<const InputLayerBody*>(&layer.body())) {
      if (!calls.empty())
        throw Error(entry.place + ": inbound_nodes: expected none for an InputLayer, got some");
      outputs_[index] = {{input_value(*input)}};
    } else if (calls.empty()) {
      throw Error(entry.place + ": inbound_nodes: expected at least one call of the layer, got none");
    }
    outputs_[index].resize(std::max<size_t>(calls.size(), outputs_[index].size()));
    calls_.insert(calls_.end(), calls.begin(), calls.end());
  }

  // Some functions of Keras are what a layer of Folio does, unless they are given constants.
  static Layer layer_for_op(const KerasObject& entry, const Json& nodes) {
    static const std::vector<std::string> pairs = {"Add", "Subtract", "Multiply", "Maximum", "Minimum"};
    static const std::vector<std::string> activations = {"Relu", "Sigmoid", "Tanh"};
    const auto is_among = [&](const auto& names) {
      return std::find(names.begin(), names.end(), entry.class_name) != names.end();
    };
    const auto make = [&](const std::string& class_name, const Json& config) {
      return layer_row(class_name, entry.place).from_config(config, entry.name, entry.place);
    };
    if (is_among(pairs) && !has_constants(nodes)) return make(entry.class_name, Json::object());
    if (is_among(activations)) return make("Activation", {{"activation", snake_case(entry.class_name)}});
    if (entry.class_name == "Concatenate") return make("Concatenate", *entry.config);
    if (!FunctionBody::knows(entry.class_name))
      throw Error(fmt::format(
          "{}: expected a layer, got the function \"{}\" of {}; known are Concatenate, {}; build the model "
          "with layers otherwise",
          entry.place, entry.class_name.substr(0, 80), entry.module.substr(0, 80),
          fmt::join(FunctionBody::names(), ", ")));
    FunctionSettings settings;
    if (entry.class_name == "GetItem" && !nodes.empty())
      settings.index = read_keras_index(nodes[0], entry.place);
    const auto body = std::make_shared<FunctionBody>(entry.class_name, settings);
    Json config = *entry.config;
    // What most functions have beside their settings, and what Folio's have no use for when it says nothing.
    for (const char* key : {"dtype", "initial", "num", "ord"})
      if (entry_of(config, key).is_null()) config.erase(key);
    if (entry.class_name.ends_with("Like"))
      config.erase("dtype");  // zeros and ones of any type are floats here
    read_fields(config, entry.place, [&](Fields& f) { body->fields(f); }, {"name", "trainable"});
    body->finish(entry.name, true);
    return Layer(body);
  }

  // The value that a reference means; checked to exist, but perhaps not made yet.
  const Values& values_of(const OutputReference& reference, const std::string& place) const {
    const auto found = names_.find(reference.layer);
    if (found == names_.end())
      throw Error(fmt::format("{}: expected the name of a layer, got \"{}\"; the file is damaged", place,
                              reference.layer.substr(0, 80)));
    const auto& calls = outputs_[found->second];
    if (reference.call < 0 || reference.call >= static_cast<int64_t>(calls.size()))
      throw Error(fmt::format("{}: expected call 0 to {} of layer \"{}\", got {}; the file is damaged", place,
                              static_cast<int64_t>(calls.size()) - 1, reference.layer.substr(0, 80),
                              reference.call));
    return calls[static_cast<size_t>(reference.call)];
  }
  Value value_of(const OutputReference& reference, const std::string& place) const {
    const Values& values = values_of(reference, place);
    if (reference.output < 0 || reference.output >= static_cast<int64_t>(values.size()))
      throw Error(fmt::format("{}: expected output 0 to {} of layer \"{}\", got {}; the file is damaged",
                              place, static_cast<int64_t>(values.size()) - 1, reference.layer.substr(0, 80),
                              reference.output));
    return values[static_cast<size_t>(reference.output)];
  }

  Value value_for(const SavedTensor& tensor, const std::string& place) const {
    if (const auto* constant_value = std::get_if<Tensor>(&tensor)) return constant(*constant_value);
    return value_of(std::get<OutputReference>(tensor), place);
  }
  Values values_for(const std::vector<SavedTensor>& tensors, const std::string& place) const {
    Values values;
    for (const SavedTensor& tensor : tensors) values.push_back(value_for(tensor, place));
    return values;
  }

  template <class F>
  static void for_each_tensor(const SavedCall& call, F&& f) {
    for (const SavedTensor& tensor : call.inputs) f(tensor);
    for (const auto& mask : call.masks)
      if (mask) f(*mask);
    for (const auto& [name, argument] : call.named)
      if (const auto* tensors = std::get_if<std::vector<SavedTensor>>(&argument))
        for (const SavedTensor& tensor : *tensors) f(tensor);
  }

  // Makes every call as soon as its inputs are there; among those ready, in the order of the file.
  void find_order() {
    std::priority_queue<size_t, std::vector<size_t>, std::greater<>> ready;
    for (size_t i = 0; i < calls_.size(); ++i) {
      const auto wait_for = [&](size_t other) {
        calls_[other].waiting.push_back(i);
        ++calls_[i].missing;
      };
      for_each_tensor(calls_[i].arguments, [&](const SavedTensor& tensor) {
        const auto* reference = std::get_if<OutputReference>(&tensor);
        if (reference && values_of(*reference, calls_[i].place).empty())
          wait_for(first_call_[names_.at(reference->layer)] + static_cast<size_t>(reference->call));
      });
      // Calls of one layer keep their order: the first one builds it.
      if (calls_[i].number > 0) wait_for(i - 1);
    }
    for (size_t i = 0; i < calls_.size(); ++i)
      if (calls_[i].missing == 0) ready.push(i);
    size_t done = 0;
    for (; !ready.empty(); ++done) {
      const size_t i = ready.top();
      ready.pop();
      make_call(calls_[i]);
      for (size_t next : calls_[i].waiting)
        if (--calls_[next].missing == 0) ready.push(next);
    }
    if (done == calls_.size()) return;
    for (const Call& call : calls_)
      if (call.missing > 0)
        throw Error(call.place + ": expected inputs made by other layers, got a cycle; the file is damaged");
  }

  void make_call(const Call& call) {
    const SavedCall& given = call.arguments;
    const Values inputs = values_for(given.inputs, call.place);
    CallOptions options;
    for (const auto& mask : given.masks)
      options.mask.push_back(mask ? value_for(*mask, call.place + ": mask") : Value());
    for (const auto& [name, argument] : given.named)
      if (const auto* tensors = std::get_if<std::vector<SavedTensor>>(&argument))
        options.others[name] = values_for(*tensors, call.place + ": " + name);
      else if (const auto* flag = std::get_if<bool>(&argument))
        options.others[name] = *flag;
      else
        options.others[name] = std::get<double>(argument);
    // Functions align shapes at the last dimension, layers at the batch: the same only for equal ranks.
    if (is_op_[call.layer] && !dynamic_cast<const FunctionBody*>(&model_.layers[call.layer].body()))
      for (const Value& value : inputs)
        if (value.rank() != inputs[0].rank())
          throw Error(fmt::format(
              "{}: expected inputs of the same number of dimensions, got {} and {}; use a layer instead",
              call.place, to_string(inputs[0].shape()), to_string(value.shape())));
    try {
      outputs_[call.layer][call.number] = model_.layers[call.layer].call(inputs, options);
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}", call.place, error.what()));
    }
  }

  Structure read_ends(const std::string& key, Values& values, std::vector<std::string>& names) {
    const std::string place = object_.place + ": " + key;
    Ends ends(entry_of(*object_.config, key), place);
    if (ends.references.empty()) throw Error(place + ": expected at least one layer, got none");
    for (OutputReference& reference : ends.references) {
      // Here, and nowhere else, Keras counts the calls of a Functional from 1; Keras 3.0 knew nothing of it.
      if (const auto found = names_.find(reference.layer);
          found != names_.end() && is_functional_[found->second] && reference.call > 0)
        --reference.call;
      values.push_back(value_of(reference, place));
      names.push_back(reference.layer);
    }
    return ends.structure;
  }

  const KerasObject& object_;
  LoadedModel& model_;
  std::map<std::string, size_t> names_;
  std::vector<bool> is_op_, is_functional_;
  std::vector<size_t> first_call_;            // per layer, in calls_
  std::vector<std::vector<Values>> outputs_;  // per layer, per call
  std::vector<Call> calls_;
};

}  // namespace

void read_functional(const KerasObject& object, const NestedModel& nested, LoadedModel& model) {
  Functional(object, nested, model);
}

}  // namespace folio
