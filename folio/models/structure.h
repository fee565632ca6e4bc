// Inputs and outputs of a model that are more than a list.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "folio/base/json.h"

namespace folio {

/// How Keras hands values to a model, or gets them back: dictionaries and lists within each other. Folio
/// numbers the values in Keras' order (keys sorted) and keeps the rest for files and names.
struct Structure {
  /// The number of a value at every end; null for a plain list of values.
  std::shared_ptr<const Json> tree;
  /// For each value the outermost key that it lies under; empty when there are no keys.
  std::vector<std::string> keys;
};

}  // namespace folio
