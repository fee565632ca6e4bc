// Keras' config.json: a model's architecture, read into layers and symbolic values, or written from them.
#pragma once
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "folio/base/json.h"
#include "folio/layers/layer.h"
#include "folio/models/structure.h"

namespace folio {

/// An architecture from a file. Layers are new and have fresh weights.
struct LoadedModel {
  std::string class_name;  ///< "Sequential" or "Functional"
  std::string name;
  bool trainable = true;
  /// Keras' model.layers: a Sequential leaves its InputLayer out, a Functional has its InputLayers in. Ops of
  /// Keras that stand for a layer (`a + b` for Add) are in as that layer; they have no weights, so numbering
  /// is not disturbed.
  std::vector<Layer> layers;
  /// Empty for a Sequential that was saved before it was built.
  Values inputs, outputs;
  /// The layers that make them.
  std::vector<std::string> input_names, output_names;
  Structure input_structure, output_structure;
  /// Optimizer, loss and metrics as Keras wrote them; null when the model was not compiled.
  std::shared_ptr<const Json> compile_config;
  std::string compile_place = "compile_config";    ///< what the file calls it, for messages
  bool mean_activity_penalties = true;             ///< see ModelBody
  std::map<std::string, std::string> assets = {};  ///< see ModelBody
};

/// Turns a model inside a model into a layer.
using NestedModel = std::function<Layer(LoadedModel)>;

/// `place` is what messages start with: "model.keras: config.json". Only layers of Folio's catalog are made:
/// an unknown class is an `Error` naming its place in the file and the nearest known name. Nothing of the
/// file is run.
LoadedModel read_keras_config(const Json& config, const std::string& place, const NestedModel& nested);

/// One output of one call of a layer, as Keras writes it: [layer name, call, output].
struct OutputReference {
  std::string layer;
  int64_t call = 0, output = 0;
  TensorType type = {};  ///< what it is; Keras writes it beside the reference
};

struct SavedModel;

/// What stands where a call takes a tensor.
using SavedTensor = std::variant<OutputReference, Tensor>;

/// A call of a layer, read from a file or to be written.
struct SavedCall {
  std::vector<SavedTensor> inputs;
  /// Of the inputs; may be fewer.
  std::vector<std::optional<SavedTensor>> masks = {};
  /// The others, by name: what the call was given, and not what the layer takes otherwise.
  std::map<std::string, std::variant<std::vector<SavedTensor>, bool, double>> named = {};
};

/// A layer to be written.
struct SavedLayer {
  Layer layer;
  /// In a Functional, every call in order; none for an InputLayer. Unused in a Sequential.
  std::vector<SavedCall> calls;
  /// Set when the layer is itself a model; its name and trainable are then those of `layer`.
  std::shared_ptr<const SavedModel> nested;
  /// Set when the layer is put around another one: what is inside.
  std::shared_ptr<const SavedLayer> wrapped;
};

/// A model to be written.
struct SavedModel {
  std::string class_name;  ///< "Sequential" or "Functional"
  std::string name;
  bool trainable = true;
  /// Keras' model.layers. In a Sequential an InputLayer may come first or not be there.
  std::vector<SavedLayer> layers;
  /// Sequential without InputLayer in `layers`: what its input is. Unset when the model is not built.
  std::optional<TensorType> input;
  std::string input_name = "input_layer";
  /// Functional: what goes in and out.
  std::vector<OutputReference> inputs, outputs;
  Structure input_structure, output_structure;
  std::shared_ptr<const Json> compile_config;
  bool mean_activity_penalties = true;
  std::map<std::string, std::string> assets;
};

/// The names of a model's layers in a file. Keras 3 takes no "/", which Keras 2 puts between the blocks and
/// layers of its larger models.
class WrittenNames {
 public:
  explicit WrittenNames(const SavedModel& model);
  static std::string without_slashes(std::string name);
  std::string of(const std::string& name) const;
  /// In the object of a layer.
  void set_name(Json& object) const;
  /// In calls, and where a model begins and ends.
  void set_references(Json& json) const;

 private:
  std::map<std::string, std::string> names_;  // those that change
};

/// config.json with only the keys that Keras 3.0 knows, so that 3.0 and everything newer opens it.
Json keras_config(const SavedModel& model);
std::string keras_config_text(const SavedModel& model);

}  // namespace folio
