// Checks of every value of a data set, and weights by class: at once for data in memory, as rows are read for
// streamed data.
#pragma once
#include <map>
#include <optional>
#include <string>

#include "folio/data/batches.h"
#include "folio/layers/layer.h"

namespace folio {

/// Array `i` of `Data::tensors` holds class numbers, which must be whole and from 0 to classes - 1, or the
/// one that the loss ignores. The message names the first row that is not.
void check_labels(Data& data, size_t i, int64_t classes, std::optional<int64_t> ignored,
                  const std::string& what);

/// What an Embedding looks up must be in its table. The message names the first row that is not.
void check_ids(Data& data, size_t i, const LayerBody& layer, const std::string& what);

/// Multiplies each row's weight by that of its class: the one target is a class number (`sparse`), or the
/// largest of a row is its class. `type`: that of the weights. Throws `Error` for targets that do not give
/// each row one class.
void weigh_classes(Data& data, const std::map<int, double>& weights, bool sparse, DType type);

}  // namespace folio
