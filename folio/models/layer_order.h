// The layers of a graph in Keras' order.
#pragma once
#include <vector>

#include "folio/layers/layer.h"

namespace folio {

/// Every layer on the way from `inputs` to `outputs` once, an InputLayer for each input: by distance from the
/// outputs, farthest first; among equals in the order in which a walk back from the outputs meets them.
std::vector<Layer> layers_in_order(const Values& inputs, const Values& outputs);

/// The layer that made a symbolic value; an undefined layer for inputs and plain ops.
Layer maker_of(const Value& value);

}  // namespace folio
