// The calls of layers in Keras' config.json, args and kwargs, by the list of what each layer's call takes.
#pragma once
#include <optional>
#include <string>

#include "folio/formats/keras_config.h"
#include "folio/layers/core/function.h"

namespace folio {

/// What a call of GetItem takes beside its input.
std::vector<IndexPart> read_keras_index(const Json& node, const std::string& place);

/// Reads a call of `layer`. Arguments equal to what the layer takes otherwise are left out. `function`: Keras
/// gives functions their tensors one by one, and `layer` stands for one. Throws `Error` for arguments that
/// the layer does not take.
SavedCall read_keras_call(const Json& node, const LayerBody& layer, bool function, const std::string& place);

/// Keras' form of a call; `inputs` is the structure that the layer, a model, wants them in.
Json keras_call(const SavedCall& call, const LayerBody& layer, const Structure& inputs);

/// True for a number, and for an array among the arguments of a call.
bool is_keras_constant(const Json& json);

/// [layer name, call, output]
Json keras_triplet(const OutputReference& reference);
std::optional<OutputReference> read_keras_triplet(const Json& json);

/// The structure's tree with an item of the list in place of each number; the list itself without a tree.
Json arranged(const Structure& structure, Json list);

/// Sizes of a shape, with null for unknown ones.
Json keras_shape(const Shape& shape);

}  // namespace folio
