// Keras' model.weights.h5: which weight lies where.
#pragma once
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "folio/formats/hdf5.h"
#include "folio/layers/layer.h"

namespace folio {

/// The weights of a layer, or of a whole model, and the groups below: a plan of the file.
struct WeightGroup {
  std::string name;   ///< in the group above: "layers", "dense_1", "forward_layer"; "" for the root
  std::string label;  ///< for messages: `Dense "fc1"`
  std::vector<Parameter> weights;  ///< vars/0, vars/1, …
  std::vector<std::pair<std::string, Parameter>> named = {};  ///< vars/idf_weights
  std::vector<WeightGroup> groups;
  bool has_vars = true;  ///< false for plain lists of layers ("layers")
};

/// The layers of a model that is used as a layer, in Keras' order; nothing for any other layer.
using LayersOfNested = std::function<std::optional<std::vector<Layer>>(const LayerBody&)>;

/// Lays out the weights of a model: `layers/<class in snake case>[_k]`, counted per class in the order of
/// `layers` (Keras' model.layers; layers without weights count too). A layer met again further inside is
/// stored once.
WeightGroup weight_tree(const std::vector<Layer>& layers, const LayersOfNested& nested = {});

/// The tree with the current values, and `optimizer/vars` when there are any. Shares memory with the
/// parameters.
H5Group weights_to_h5(const WeightGroup& tree, const std::vector<Tensor>& optimizer = {});

/// Sets all parameters. Counts and shapes are compared before anything is read, everything is read before any
/// parameter changes: on `Error` the model is as it was.
void load_weights(const H5Reader& file, const WeightGroup& tree);
/// `optimizer/vars/0…` as they are: steps taken, learning rate unless a schedule gives it, slots. Empty when
/// not saved.
std::vector<Tensor> read_optimizer(const H5Reader& file);

/// Throws `Error` when a file promises so many elements and its bytes do not hold them.
void check_holds(const H5Reader& file, int64_t elements);

}  // namespace folio
