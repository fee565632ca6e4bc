// Models into config.json, with the keys that every Keras 3 knows and no others.
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/formats/keras_config.h"
#include "folio/formats/python_json.h"
#include "folio/layers/catalog.h"
#include "folio/layers/core/function.h"

namespace folio {
namespace {

Json model_object(const SavedModel& model, const std::string& name, bool trainable);

Json sizes(const Shape& shape) {
  Json list = Json::array();
  for (int64_t size : shape) list.push_back(size == kUnknown ? Json() : Json(size));
  return list;
}

Json triplet(const OutputReference& reference) {
  return Json::array({reference.layer, reference.call, reference.output});
}

Json triplets(const std::vector<OutputReference>& references) {
  Json list = Json::array();
  for (const OutputReference& reference : references) list.push_back(triplet(reference));
  return list;
}

// The tree with an item of the list in place of each number.
Json filled_in(const Json& tree, const Json& list) {
  if (tree.is_number()) return list[tree.get<size_t>()];
  Json result = tree;
  for (Json& item : result) item = filled_in(item, list);
  return result;
}
Json arranged(const Structure& structure, Json list) {
  return structure.tree ? filled_in(*structure.tree, list) : list;
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

Json tensor(const OutputReference& reference) {
  return {{"class_name", "__keras_tensor__"},
          {"config",
           {{"shape", sizes(reference.type.shape)},
            {"dtype", to_string(reference.type.dtype)},
            {"keras_history", triplet(reference)}}}};
}

Json envelope(const std::string& module, const std::string& class_name, Json config) {
  return {{"module", module},
          {"class_name", class_name},
          {"config", std::move(config)},
          {"registered_name", nullptr}};
}

Json input_layer(const std::string& name, const TensorType& type) {
  return envelope("keras.layers", "InputLayer",
                  {{"batch_shape", sizes(type.shape)},
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
    if (saved.wrapped) object["config"]["layer"] = saved_object(*saved.wrapped);
    return object;
  }
  // Keras 3.0 takes no name where there are settings.
  Json config = function->config();
  if (config.empty()) config = {{"name", layer.name()}};
  Json object = envelope("keras.src.ops.numpy", layer.class_name(), std::move(config));
  object["registered_name"] = layer.class_name();
  return object;
}

// Keras gives most layers one argument, a tensor or a list of them; functions and attention take them one by
// one.
Json call_object(const SavedLayer& saved, const SavedCall& call) {
  const Layer& layer = saved.layer;
  Json tensors = Json::array(), named = Json::object(), masks = Json::array();
  for (const OutputReference& reference : call.inputs) tensors.push_back(tensor(reference));
  for (const auto& mask : call.masks) masks.push_back(mask ? tensor(*mask) : Json());
  if (!masks.empty()) named["mask"] = masks.size() == 1 ? masks[0] : masks;
  const auto* function = dynamic_cast<const FunctionBody*>(&layer.body());
  if (function)
    for (double constant : function->constants()) tensors.push_back(constant);
  if (saved.nested && saved.nested->input_structure.tree)
    return {{"args", Json::array({arranged(saved.nested->input_structure, tensors)})}, {"kwargs", named}};
  const bool one_by_one = function || call.inputs.size() == 1 || layer.class_name() == "MultiHeadAttention";
  return {{"args", one_by_one ? tensors : Json::array({tensors})}, {"kwargs", named}};
}

Json sequential_config(const SavedModel& model, const std::string& name, bool trainable) {
  Json layers = Json::array();
  if (model.input && (model.layers.empty() || model.layers[0].layer.class_name() != "InputLayer"))
    layers.push_back(input_layer(model.input_name, *model.input));
  for (const SavedLayer& saved : model.layers) layers.push_back(saved_object(saved));
  return {{"name", name},
          {"trainable", trainable},
          {"dtype", to_string(floatx())},
          {"layers", std::move(layers)}};
}

Json functional_config(const SavedModel& model, const std::string& name, bool trainable) {
  Json layers = Json::array();
  for (const SavedLayer& saved : model.layers) {
    Json layer = saved_object(saved);
    layer["name"] = saved.layer.name();
    layer["inbound_nodes"] = Json::array();
    for (const SavedCall& call : saved.calls) layer["inbound_nodes"].push_back(call_object(saved, call));
    layers.push_back(std::move(layer));
  }
  return {{"name", name},
          {"trainable", trainable},
          {"layers", std::move(layers)},
          {"input_layers", arranged(model.input_structure, triplets(model.inputs))},
          {"output_layers", output_triplets(model)}};
}

Json model_object(const SavedModel& model, const std::string& name, bool trainable) {
  if (model.class_name == "Sequential")
    return envelope("keras", "Sequential", sequential_config(model, name, trainable));
  if (model.class_name == "Functional")
    return envelope("keras", "Model", functional_config(model, name, trainable));
  throw InternalError("a model of class \"" + model.class_name + "\" was to be written");
}

}  // namespace

Json keras_config(const SavedModel& model) {
  Json object = model_object(model, model.name, model.trainable);
  object["compile_config"] = model.compile_config ? *model.compile_config : Json::object();
  return object;
}

std::string keras_config_text(const SavedModel& model) { return python_json(keras_config(model)); }

}  // namespace folio
