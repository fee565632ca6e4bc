// config.json into layers: envelopes, single layers and Sequential models.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/fields.h"
#include "folio/formats/keras_layers.h"
#include "folio/formats/keras_texts.h"
#include "folio/layers/catalog.h"
#include "folio/layers/recurrent/time_distributed.h"

namespace folio {
namespace {

constexpr size_t kMostLayers = 10'000;  // many times what models have

bool starts_with_word(const std::string& text, const std::string& word) {
  return text == word || text.starts_with(word + ".");
}

/// Folio computes in float32 (or what `floatx` says); policies that only change the precision are fine.
void check_dtype(const Json& dtype, const std::string& place) {
  const Json* name = &dtype;
  if (dtype.is_object()) name = &entry_of(entry_of(dtype, "config"), "name");
  if (name->is_null()) return;
  static const std::vector<std::string> known = {"float16", "bfloat16",      "float32",
                                                 "float64", "mixed_float16", "mixed_bfloat16"};
  if (name->is_string())
    for (const std::string& known_name : known)
      if (*name == known_name) return;
  throw Error(fmt::format("{}: dtype: expected a float type, got {}; save the model without quantization",
                          place, excerpt(dtype)));
}

/// The shape in `build_input_shape` or an old layer's `batch_input_shape`; nothing unless it is one.
std::optional<Shape> shape_from(const Json& json) {
  if (!json.is_array() || json.empty()) return std::nullopt;
  std::vector<int64_t> dims;
  for (const Json& size : json) {
    if (!size.is_null() && !size.is_number_integer()) return std::nullopt;
    dims.push_back(size.is_null() ? kUnknown : size.get<int64_t>());
    if (dims.back() < kUnknown || dims.back() == 0) return std::nullopt;
  }
  return Shape(std::move(dims));
}

void read_sequential(const KerasObject& object, const NestedModel& nested, LoadedModel& model) {
  const Json& given = list_of(*object.config, "layers", object.place);
  const std::optional<Json> joined = without_texts(given, true, object.place);
  const Json& entries = joined ? *joined : given;
  std::vector<Layer> layers;
  Value value;
  for (size_t i = 0; i < entries.size(); ++i) {
    const KerasObject entry = open_keras_object(entries[i], fmt::format("{}: layers[{}]", object.place, i));
    const Layer layer = make_keras_layer(entries[i], entry, nested);
    if (const auto* input = dynamic_cast<const InputLayerBody*>(&layer.body())) {
      if (i > 0)
        throw Error(
            entry.place +
            ": expected the InputLayer at the front of a Sequential, got it later; save the model again");
      value = input_value(*input);
      model.input_names = {layer.name()};
      continue;
    }
    layers.push_back(layer);
  }
  if (!value.defined()) {
    // Without InputLayer the shape may stand beside the layers, or in the first of them as Keras 2 wrote it.
    auto shape = shape_from(entry_of(*object.config, "build_input_shape"));
    if (!shape && !entries.empty())
      shape = shape_from(entry_of(entry_of(entries[0], "config"), "batch_input_shape"));
    if (shape) {
      model.input_names = {"input_layer"};
      value = input(*shape, floatx(), model.input_names[0]);
    }
  }
  model.layers = layers;
  if (!value.defined()) return;
  model.inputs = {value};
  std::string maker = model.input_names[0];
  for (size_t i = 0; i < layers.size(); ++i) {
    try {
      value = layers[i](value);
    } catch (const Error& error) {
      throw Error(fmt::format("{}: {}", object.place, error.what()));
    }
    maker = layers[i].name();
  }
  model.outputs = {value};
  model.output_names = {maker};
}

/// The one layer around another that may hold a model, which the catalog does not make.
Layer time_distributed(const KerasObject& object, const NestedModel& nested) {
  read_fields(
      *object.config, object.place, [](Fields& f) { f.ignore_any("layer"); }, kKerasEntries);
  const Json& inside = entry_of(*object.config, "layer");
  const KerasObject layer = open_keras_object(inside, object.place + ": layer");
  return TimeDistributed(make_keras_layer(inside, layer, nested), {.name = object.name});
}

}  // namespace

Value input_value(const InputLayerBody& layer) {
  const TensorType& type = layer.type();
  return input(type.shape, is_floating(type.dtype) ? floatx() : type.dtype, layer.name());
}

const Json& entry_of(const Json& object, const std::string& key) {
  static const Json none;
  if (!object.is_object()) return none;
  const auto found = object.find(key);
  return found == object.end() ? none : *found;
}

const Json& list_of(const Json& object, const std::string& key, const std::string& place) {
  const Json& list = entry_of(object, key);
  if (!list.is_array())
    throw Error(fmt::format("{}: {}: expected a list, got {}; save the model with Keras 3", place, key,
                            excerpt(list)));
  if (list.size() > kMostLayers)
    throw Error(
        fmt::format("{}: {}: expected at most {} entries, got {}", place, key, kMostLayers, list.size()));
  return list;
}

Error wrong_type(const std::string& place, const std::exception& error) {
  return Error(fmt::format(
      "{}: expected settings of the types that Keras writes, got another ({}); save the model again", place,
      error.what()));
}

std::string excerpt(const Json& json) {
  if (json.is_null()) return "nothing";
  if (json.is_object() || json.is_array()) {
    const std::string kind = json.is_object() ? "an object" : "a list";
    return fmt::format("{} of {} entries", kind, json.size());
  }
  const std::string text = json.dump(-1, ' ', true);
  return text.size() > 80 ? text.substr(0, 80) + "…" : text;
}

bool KerasObject::is_op() const {
  return starts_with_word(module, "keras.src.ops") || starts_with_word(module, "keras.ops");
}
bool KerasObject::is_model() const {
  return class_name == "Sequential" || class_name == "Functional" || class_name == "Model";
}

KerasObject open_keras_object(const Json& json, const std::string& place) {
  KerasObject object;
  const Json &class_name = entry_of(json, "class_name"), &config = entry_of(json, "config"),
             &module = entry_of(json, "module");
  if (!class_name.is_string() || !config.is_object())
    throw Error(
        fmt::format("{}: expected an object with class_name and config, got {}; save the model with Keras 3",
                    place, excerpt(json)));
  object.config = &config;
  object.class_name = class_name.get<std::string>();
  if (module.is_string()) object.module = module.get<std::string>();
  // In a Functional the name that others refer to stands beside the config.
  for (const Json* name : {&entry_of(json, "name"), &entry_of(config, "name")})
    if (object.name.empty() && name->is_string()) object.name = name->get<std::string>();
  object.place =
      fmt::format("{} ({} \"{}\")", place, object.class_name.substr(0, 80), object.name.substr(0, 80));

  const Json& registered = entry_of(json, "registered_name");
  const bool custom =
      registered.is_string() && registered.get_ref<const std::string&>().find('>') != std::string::npos;
  if (custom || (!object.module.empty() && !starts_with_word(object.module, "keras") &&
                 !starts_with_word(object.module, "tf_keras")))
    throw Error(
        fmt::format("{}: expected a class of Keras, got one registered as {} in module \"{}\"; Folio runs no "
                    "code of others",
                    object.place, excerpt(registered), object.module.substr(0, 80)));
  if (object.class_name == "Lambda" || object.class_name == "TFSMLayer" ||
      object.class_name == "TorchModuleWrapper")
    throw Error(
        fmt::format("{}: expected a layer made of settings, got one that holds code; Folio never runs code "
                    "from files, replace the layer and save the model again",
                    object.place));
  return object;
}

Layer make_keras_layer(const Json& json, const KerasObject& object, const NestedModel& nested) {
  const Json& trainable = entry_of(*object.config, "trainable");
  if (!trainable.is_null() && !trainable.is_boolean())
    throw Error(
        fmt::format("{}: trainable: expected true or false, got {}", object.place, excerpt(trainable)));
  Layer layer;
  if (object.is_model()) {
    layer = nested(read_keras_model(json, object, nested));
  } else {
    const LayerRow& row = layer_row(object.class_name, object.place);
    // An InputLayer's type is that of the data, which may be whole numbers; so is that of a vocabulary.
    if (object.class_name != "InputLayer" && !looks_tokens_up(object.class_name))
      check_dtype(entry_of(*object.config, "dtype"), object.place);
    try {
      layer = object.class_name == "TimeDistributed"
                  ? time_distributed(object, nested)
                  : row.from_config(*object.config, object.name, object.place);
    } catch (const Error& error) {
      if (std::string(error.what()).starts_with(object.place)) throw;
      throw Error(fmt::format("{}: {}", object.place, error.what()));
    } catch (const Json::exception& error) {
      throw wrong_type(object.place, error);
    }
  }
  if (trainable == false) layer.set_trainable(false);
  return layer;
}

LoadedModel read_keras_model(const Json& json, const KerasObject& object, const NestedModel& nested) {
  if (!object.is_model())
    throw Error(
        fmt::format("{}: expected a Sequential or Functional model, got class \"{}\"; models of other "
                    "classes are Python code, build them from layers",
                    object.place, object.class_name.substr(0, 80)));
  LoadedModel model;
  model.class_name = object.class_name == "Sequential" ? "Sequential" : "Functional";
  model.name = object.name;
  model.trainable = entry_of(*object.config, "trainable") != false;
  const Json& compiled = entry_of(json, "compile_config");
  if (compiled.is_object() && !compiled.empty())
    model.compile_config = std::make_shared<const Json>(compiled);
  if (model.class_name == "Sequential")
    read_sequential(object, nested, model);
  else
    read_functional(object, nested, model);
  return model;
}

LoadedModel read_keras_config(const Json& config, const std::string& place, const NestedModel& nested) {
  // The envelope of the whole model needs no number: its place is the file.
  KerasObject object = open_keras_object(config, place);
  object.place = place;
  LoadedModel model = read_keras_model(config, object, nested);
  if (!model.trainable)
    for (const Layer& layer : model.layers) layer.set_trainable(false);
  return model;
}

}  // namespace folio
