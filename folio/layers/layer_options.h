// The options that every layer has, for those that have no others.
#pragma once
#include <string>

namespace folio {

struct LayerOptions {
  std::string name = {};  ///< empty: automatic, "flatten", "flatten_1", …
  bool trainable = true;
};

}  // namespace folio
