// Single layers in Keras' config.json: what both kinds of model are read from.
#pragma once
#include <string>

#include "folio/base/error.h"
#include "folio/formats/keras_config.h"
#include "folio/layers/core/input_layer.h"

namespace folio {

/// Keras' envelope around the config of a layer or model, checked.
struct KerasObject {
  const Json* config = nullptr;  ///< an object
  std::string class_name;
  std::string module;
  std::string name;
  std::string place;   ///< `model.keras: config.json: layers[2] (Dense "fc1")`
  bool is_op() const;  ///< a function of Keras in a graph, `a + b`, rather than a layer
  bool is_model() const;
};

/// Throws `Error` unless `json` is an object of Keras' own; what others registered is refused.
KerasObject open_keras_object(const Json& json, const std::string& place);
/// The layer, or the model inside the model.
Layer make_keras_layer(const Json& json, const KerasObject& object, const NestedModel& nested);
/// Any model; `object` is its envelope.
LoadedModel read_keras_model(const Json& json, const KerasObject& object, const NestedModel& nested);
/// Layers and calls of a Functional; fills in `model`.
void read_functional(const KerasObject& object, const NestedModel& nested, LoadedModel& model);

/// What a model's input layer stands for. Floats come as `floatx` says, as the layers after it compute in
/// that.
Value input_value(const InputLayerBody& layer);

/// The entry of an object, or null.
const Json& entry_of(const Json& object, const std::string& key);
/// A list in a config; throws `Error` when it is none.
const Json& list_of(const Json& object, const std::string& key, const std::string& place);
/// For entries that turn out to be of a type that nobody asked for.
Error wrong_type(const std::string& place, const std::exception& error);
/// The beginning of what the file holds, for messages.
std::string excerpt(const Json& json);

}  // namespace folio
