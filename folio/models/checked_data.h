// Checks of every value of a data set, and weights by class: at once for data in memory, as rows are read for
// streamed data.
#pragma once
#include <map>
#include <string>

#include "folio/data/batches.h"
#include "folio/layers/layer.h"

namespace folio {

/// Array `i` of `Data::tensors` holds class numbers, which must be whole and from 0 to classes - 1. The
/// message names the first row that is not.
void check_labels(Data& data, size_t i, int64_t classes, const std::string& what);

/// What an Embedding looks up must be in its table. The message names the first row that is not.
void check_ids(Data& data, size_t i, const LayerBody& layer, const std::string& what);

/// Multiplies each row's weight by that of its class: the one target is a class number, or the largest of a
/// row is its class. `type`: that of the weights.
void weigh_classes(Data& data, const std::map<int, double>& weights, DType type);

}  // namespace folio
