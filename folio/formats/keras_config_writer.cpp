// Models into config.json, with the keys that every Keras 3 knows and no others.
#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "folio/base/error.h"
#include "folio/formats/keras_calls.h"
#include "folio/formats/keras_texts.h"
#include "folio/formats/python_json.h"
#include "folio/layers/catalog.h"
#include "folio/layers/core/function.h"

namespace folio {
namespace {

Json model_object(const SavedModel& model, const std::string& name, bool trainable);

Json triplets(const std::vector<OutputReference>& references) {
  Json list = Json::array();
  for (const OutputReference& reference : references) list.push_back(keras_triplet(reference));
  return list;
}

// What comes out of a model. Keras counts the calls of a Functional from 1 here; Keras 3.0 did not yet, and
// 0 is the one number that all versions take for the only call.
Json output_triplets(const SavedModel& model) {
  std::vector<OutputReference> outputs = model.outputs;
  for (OutputReference& output : outputs)
    for (const SavedLayer& layer : model.layers)
      if (layer.layer.name() == output.layer && layer.nested && layer.nested->class_name == "Functional" &&
          layer.calls.size() > 1)
        ++output.call;
  return arranged(model.output_structure, triplets(outputs));
}

Json envelope(const std::string& module, const std::string& class_name, Json config) {
  return {{"module", module},
          {"class_name", class_name},
          {"config", std::move(config)},
          {"registered_name", nullptr}};
}

Json input_layer(const std::string& name, const TensorType& type) {
  return envelope("keras.layers", "InputLayer",
                  {{"batch_shape", keras_shape(type.shape)},
                   {"dtype", to_string(type.dtype)},
                   {"sparse", false},
                   {"name", name}});
}

Json saved_object(const SavedLayer& saved) {
  const Layer& layer = saved.layer;
  if (saved.nested) return model_object(*saved.nested, layer.name(), layer.trainable());
  const auto* function = dynamic_cast<const FunctionBody*>(&layer.body());
  if (!function) {
    Json object = layer_object(layer);
    // What is inside may be a model, of which a layer cannot write more than the name.
    if (saved.wrapped) {
      Json inner = saved_object(*saved.wrapped);
      if (inner["config"].contains("name"))
        inner["config"]["name"] = WrittenNames::without_slashes(saved.wrapped->layer.name());
      object["config"]["layer"] = std::move(inner);
    }
    return object;
  }
  // Keras 3.0 takes no name where there are settings.
  Json config = function->config();
  if (config.empty()) config = {{"name", layer.name()}};
  Json object =
      envelope(fmt::format("keras.src.ops.{}", function->module()), layer.class_name(), std::move(config));
  object["registered_name"] = layer.class_name();
  return object;
}

Json sequential_config(const SavedModel& model, const std::string& name, bool trainable) {
  Json layers = Json::array();
  if (model.input && (model.layers.empty() || model.layers[0].layer.class_name() != "InputLayer"))
    layers.push_back(input_layer(WrittenNames::without_slashes(model.input_name), *model.input));
  const WrittenNames names(model);
  for (const SavedLayer& saved : model.layers) {
    layers.push_back(saved_object(saved));
    names.set_name(layers.back());
  }
  return {{"name", name},
          {"trainable", trainable},
          {"dtype", to_string(floatx())},
          {"layers", std::move(layers)}};
}

Json functional_config(const SavedModel& model, const std::string& name, bool trainable) {
  Json layers = Json::array();
  const WrittenNames names(model);
  for (const SavedLayer& saved : model.layers) {
    Json layer = saved_object(saved);
    layer["name"] = saved.layer.name();
    layer["inbound_nodes"] = Json::array();
    const Structure inputs = saved.nested ? saved.nested->input_structure : Structure();
    for (const SavedCall& call : saved.calls)
      layer["inbound_nodes"].push_back(keras_call(call, saved.layer.body(), inputs));
    names.set_name(layer);
    names.set_references(layer["inbound_nodes"]);
    layers.push_back(std::move(layer));
  }
  Json inputs = arranged(model.input_structure, triplets(model.inputs)), outputs = output_triplets(model);
  names.set_references(inputs);
  names.set_references(outputs);
  return {{"name", name},
          {"trainable", trainable},
          {"layers", std::move(layers)},
          {"input_layers", std::move(inputs)},
          {"output_layers", std::move(outputs)}};
}

Json model_object(const SavedModel& model, const std::string& name, bool trainable) {
  const bool sequential = model.class_name == "Sequential";
  if (sequential || model.class_name == "Functional") {
    Json config =
        sequential ? sequential_config(model, name, trainable) : functional_config(model, name, trainable);
    with_texts(config, model);
    return envelope("keras", sequential ? "Sequential" : "Model", std::move(config));
  }
  throw InternalError("a model of class \"" + model.class_name + "\" was to be written");
}

}  // namespace

WrittenNames::WrittenNames(const SavedModel& model) {
  std::set<std::string> taken;
  for (const SavedLayer& saved : model.layers) taken.insert(saved.layer.name());
  for (const SavedLayer& saved : model.layers) {
    std::string name = without_slashes(saved.layer.name());
    if (name == saved.layer.name() || names_.count(saved.layer.name())) continue;
    while (!taken.insert(name).second) name += "_";
    names_.emplace(saved.layer.name(), name);
  }
}

std::string WrittenNames::without_slashes(std::string name) {
  std::replace(name.begin(), name.end(), '/', '_');
  return name;
}

std::string WrittenNames::of(const std::string& name) const {
  const auto found = names_.find(name);
  return found == names_.end() ? name : found->second;
}

void WrittenNames::set_name(Json& object) const {
  for (Json* place : {&object, &object["config"]})
    if (const auto name = place->find("name"); name != place->end() && name->is_string())
      *name = of(name->get<std::string>());
}

void WrittenNames::set_references(Json& json) const {
  if (names_.empty() || !json.is_structured()) return;
  if (json.is_array() && json.size() == 3 && json[0].is_string()) {
    json[0] = of(json[0].get<std::string>());
    return;
  }
  for (Json& item : json) set_references(item);
}

Json keras_config(const SavedModel& model) {
  Json object = model_object(model, WrittenNames::without_slashes(model.name), model.trainable);
  object["compile_config"] = model.compile_config ? *model.compile_config : Json::object();
  return object;
}

std::string keras_config_text(const SavedModel& model) { return python_json(keras_config(model)); }

}  // namespace folio
