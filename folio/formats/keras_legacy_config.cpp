// Configs between their legacy form and that of config.json. Keras 2 named some entries otherwise and wrote
// calls as lists; both legacy forms leave out modules and registered names.
#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>
#include <set>

#include "folio/formats/keras_layers.h"
#include "folio/formats/keras_legacy.h"
#include "folio/layers/catalog.h"
#include "folio/layers/core/function.h"
#include "folio/training/metric.h"

namespace folio {
namespace {

bool is_model(const Json& object) {
  const Json& name = entry_of(object, "class_name");
  return name == "Sequential" || name == "Functional" || name == "Model";
}

// [layer, call, output] or [layer, call, output, {arguments that are no tensors}]
bool is_reference(const Json& json) {
  return json.is_array() && (json.size() == 3 || json.size() == 4) && json[0].is_string();
}

/// Names of models inside a model.
using Names = std::set<std::string>;

// The call that a reference means: Keras 2 counts those of a model from 1, because call 0 is what the model
// itself is made of.
Json recounted(const Json& reference, const Names& from_one) {
  Json triplet = Json::array({reference[0], reference[1], reference[2]});
  if (from_one.count(reference[0].get<std::string>()) && reference[1].is_number_integer() &&
      reference[1] != 0)
    triplet[1] = reference[1].get<int64_t>() - 1;
  return triplet;
}

Json tensor(const Json& reference, const Names& from_one) {
  return {{"class_name", "__keras_tensor__"},
          {"config", {{"keras_history", recounted(reference, from_one)}}}};
}

// A named argument: references stand for tensors wherever they are.
Json modern_argument(const Json& json, const Names& from_one) {
  if (is_reference(json)) return tensor(json, from_one);
  Json modern = json;
  if (json.is_structured())
    for (Json& item : modern) item = modern_argument(item, from_one);
  return modern;
}

// One call as Keras 2 wrote it: a list of references, or a single one.
Json modern_call(const Json& call, const Names& from_one) {
  const Json references = is_reference(call) ? Json::array({call}) : call;
  if (!references.is_array()) return call;
  Json tensors = Json::array(), named = Json::object();
  for (const Json& reference : references) {
    if (!is_reference(reference)) return call;
    // So it calls an argument that no layer has made.
    const bool constant = reference[0] == "_CONSTANT_VALUE";
    tensors.push_back(constant ? reference[2] : tensor(reference, from_one));
    if (reference.size() == 4 && reference[3].is_object())
      named.update(modern_argument(reference[3], from_one));
  }
  return {{"args", Json::array({tensors})}, {"kwargs", named}};
}

// Keras 3 writes a function in a graph (`a + b`) like a layer of that name, but calls it with its tensors one
// by one, and has other settings. A module tells them apart again.
bool is_function(const Json& object) {
  const Json &name = entry_of(object, "class_name"), &calls = entry_of(object, "inbound_nodes"),
             &config = entry_of(object, "config");
  if (object.contains("module") || !calls.is_array() || calls.empty() || !name.is_string() ||
      !FunctionBody::knows(name.get<std::string>()))
    return false;
  const auto is_row = [&](const LayerRow& row) { return name == row.class_name; };
  if (std::none_of(layer_catalog().begin(), layer_catalog().end(), is_row)) return true;
  if (name == "Softmax") return false;  // the same either way
  if (name == "Reshape") return config.contains("newshape");
  if (name == "Average") return config.contains("axis");
  const Json& arguments = entry_of(calls[0], "args");
  return arguments.is_array() && arguments.size() == 2;
}

// The InputLayer that stands for the shape in the first layer of an old Sequential.
Json input_of(const Json& first) {
  const Json& config = entry_of(first, "config");
  const Json& name = entry_of(config, "name");
  return {{"class_name", "InputLayer"},
          {"config",
           {{"batch_input_shape", entry_of(config, "batch_input_shape")},
            {"dtype", "float32"},
            {"name", name.is_string() ? name.get<std::string>() + "_input" : "input_layer"}}}};
}

// Models that know their input, all or Sequentials alone.
Names models_inside(const Json& layers, bool sequential_only) {
  Names names;
  for (const Json& layer : layers) {
    if (!is_model(layer) || !entry_of(layer, "name").is_string()) continue;
    const Json& inner = entry_of(entry_of(layer, "config"), "layers");
    const bool sequential = layer["class_name"] == "Sequential";
    const bool has_input =
        inner.is_array() && !inner.empty() && entry_of(inner[0], "class_name") == "InputLayer";
    if (sequential ? has_input : !sequential_only) names.insert(layer["name"].get<std::string>());
  }
  return names;
}

// Calls of the layers of a Functional, and what comes out of it.
void modernize_calls(Json& config) {
  Json& layers = config["layers"];
  const Names models = models_inside(layers, false);
  bool old = false;
  for (Json& layer : layers) {
    if (!entry_of(layer, "inbound_nodes").is_array()) continue;
    for (Json& call : layer["inbound_nodes"]) {
      old = old || call.is_array();
      call = modern_call(call, models);
    }
    if (is_function(layer)) layer["module"] = "keras.src.ops";
  }
  // Outputs of a Functional are counted from 1 to this day, and read so.
  if (!old || !entry_of(config, "output_layers").is_array()) return;
  const Names sequentials = models_inside(layers, true);
  for (Json& output : config["output_layers"])
    if (is_reference(output)) output = recounted(output, sequentials);
}

void modernize_layers(const std::string& class_name, Json& config) {
  // The oldest Sequential was a plain list.
  if (class_name == "Sequential" && config.is_array()) {
    Json layers = std::move(config);
    config = Json::object();
    config["layers"] = std::move(layers);
  }
  if (!config.is_object() || !entry_of(config, "layers").is_array()) return;
  Json& layers = config["layers"];
  if (class_name == "Sequential" && !layers.empty() && entry_of(layers[0], "class_name") != "InputLayer" &&
      entry_of(entry_of(layers[0], "config"), "batch_input_shape").is_array())
    layers.insert(layers.begin(), input_of(layers[0]));
  for (Json& layer : layers) layer = modern_config(std::move(layer));
  if (class_name != "Sequential") modernize_calls(config);
}

// What a metric is called beside its output: Keras 2 put the output's name before it, where there are
// several.
std::string without_output(const std::string& name, const std::string& function) {
  for (size_t at = 0; at != std::string::npos; at = name.find('_', at)) {
    if (at > 0) ++at;
    const std::string tail = name.substr(at);
    try {
      if (tail == function || Metric(tail).config() == Metric(function).config() ||
          Metric(Loss(tail)).name == Loss(function).name)
        return tail;
    } catch (const Error&) {  // no metric is called so
    }
  }
  return name;
}

// A metric that wraps a function: Keras 2 wrote every metric given by name like this, and called it in
// histories as it was given.
Json modern_metric(const Json& json, bool several) {
  if (json.is_array() || (json.is_object() && !json.contains("class_name"))) {
    Json all = json;
    for (Json& item : all) item = modern_metric(item, several);
    return all;
  }
  if (entry_of(json, "class_name") != "MeanMetricWrapper") return json;
  const Json &config = entry_of(json, "config"), &fn = entry_of(config, "fn");
  if (!fn.is_string()) return json;
  std::string name = entry_of(config, "name").is_string() ? config["name"].get<std::string>() : "";
  // "accuracy" chose its function by the shapes, as it will again.
  if (name == "acc" || (several && name.ends_with("_acc"))) return "acc";
  if (name == "accuracy" || (several && name.ends_with("_accuracy"))) return "accuracy";
  if (several) name = without_output(name, fn.get<std::string>());
  if (name.empty() || name == fn) return fn;
  return {{"class_name", "MeanMetricWrapper"}, {"config", {{"name", name}, {"fn", fn}}}};
}

Json modern_optimizer(const Json& json) {
  Json optimizer = json;
  if (!optimizer.is_object()) return optimizer;
  if (entry_of(json, "class_name").is_string())
    if (const auto name = json["class_name"].get<std::string>(); name.starts_with("Custom>"))
      optimizer["class_name"] = name.substr(7);
  if (!entry_of(json, "config").is_object()) return optimizer;
  Json& config = optimizer["config"];
  if (entry_of(config, "decay") == 0) config.erase("decay");
  if (config.contains("lr") && !config.contains("learning_rate")) {
    config["learning_rate"] = config["lr"];
    config.erase("lr");
  }
  return optimizer;
}

// Keras 2 wrote the settings of any convolution for each kind of it, those too that the kind has no use for.
void drop_unused(const std::string& class_name, Json& config) {
  const bool separable = class_name.starts_with("Separable"), depthwise = class_name.starts_with("Depthwise");
  if ((separable || depthwise || class_name.ends_with("Transpose")) && entry_of(config, "groups") == 1)
    config.erase("groups");
  if (separable || depthwise)
    for (const char* key : {"kernel_initializer", "kernel_regularizer", "kernel_constraint"})
      config.erase(key);
}

}  // namespace

Json modern_config(Json object) {
  if (!object.is_object() || !entry_of(object, "class_name").is_string()) return object;
  if (!object.contains("config")) return object;
  // They compute what the layers with a choice do by default; their weights are turned when they are read.
  if (object["class_name"] == "CuDNNLSTM") object["class_name"] = "LSTM";
  if (object["class_name"] == "CuDNNGRU" && object["config"].is_object()) {
    object["class_name"] = "GRU";
    object["config"]["reset_after"] = true;
  }
  if (object["class_name"] == "GroupedQueryAttention") object["class_name"] = "GroupQueryAttention";
  Json& config = object["config"];
  const auto class_name = object["class_name"].get<std::string>();
  if (is_model(object)) modernize_layers(class_name, config);
  for (const char* key : {"layer", "backward_layer", "cell"})
    if (entry_of(config, key).is_object()) config[key] = modern_config(std::move(config[key]));
  if (entry_of(config, "cells").is_array())
    for (Json& cell : config["cells"]) cell = modern_config(std::move(cell));
  // What came before the choice: the reset gate in front of the product.
  if ((class_name == "GRU" || class_name == "GRUCell") && config.is_object())
    config.emplace("reset_after", false);
  if (class_name != "InputLayer" && config.is_object()) config.erase("batch_input_shape");
  return object;
}

KerasWriter::KerasWriter(const std::string& version, std::string penalties)
    : penalties_(std::move(penalties)) {
  const char* end = version.data() + version.size();
  const auto major = std::from_chars(version.data(), end, major_);
  if (major.ec == std::errc() && major.ptr != end && *major.ptr == '.')
    std::from_chars(major.ptr + 1, end, minor_);
}

bool KerasWriter::mean_activity_penalties() const {
  if (!penalties_.empty()) return penalties_ != "sum";
  return major_ != 3 || minor_ >= 14;
}

const char* penalties_text(const SavedModel& model) { return model.mean_activity_penalties ? "mean" : "sum"; }

void translate_keras2(Json& json) {
  if (!json.is_structured()) return;
  if (entry_of(json, "class_name").is_string() && entry_of(json, "config").is_object())
    drop_unused(json["class_name"].get<std::string>(), json["config"]);
  for (auto& [key, entry] : json.items()) {
    if ((key == "activation" || key == "recurrent_activation") && entry == "hard_sigmoid")
      entry = "hard_sigmoid_keras2";
    else
      translate_keras2(entry);
  }
}

Json modern_training(const Json& legacy) {
  if (!legacy.is_object()) return legacy;
  Json modern = legacy;
  modern.erase("optimizer_config");
  if (legacy.contains("optimizer_config")) modern["optimizer"] = modern_optimizer(legacy["optimizer_config"]);
  for (const char* key : {"metrics", "weighted_metrics"})
    if (legacy.contains(key)) {
      const Json& given = legacy[key];
      const auto is_list = [](const Json& item) { return item.is_array(); };
      const bool several = given.is_object() || (given.is_array() && given.size() > 1 &&
                                                 std::any_of(given.begin(), given.end(), is_list));
      modern[key] = modern_metric(given, several);
    }
  return modern;
}

Json legacy_config(Json object) {
  for (const char* key : {"module", "registered_name", "compile_config"}) object.erase(key);
  // Keras' own name of the class, which legacy files go by.
  if (object["class_name"] == "GroupQueryAttention") object["class_name"] = "GroupedQueryAttention";
  if (!is_model(object)) return object;
  if (object["class_name"] == "Model") object["class_name"] = "Functional";
  for (Json& layer : object["config"]["layers"]) layer = legacy_config(std::move(layer));
  return object;
}

Json legacy_training(const Json& modern) {
  Json legacy = modern;
  legacy.erase("optimizer");
  legacy["optimizer_config"] = {{"class_name", modern["optimizer"]["class_name"]},
                                {"config", modern["optimizer"]["config"]}};
  return legacy;
}

}  // namespace folio
