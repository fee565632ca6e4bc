// The options that every layer has, for those that have no others, and those of layers that draw random
// numbers.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

namespace folio {

struct LayerOptions {
  std::string name = {};  ///< empty: automatic, "flatten", "flatten_1", …
  bool trainable = true;
};

struct RandomOptions {
  std::optional<int64_t> seed = {};  ///< not given: the model's seed
  std::string name = {};
  bool trainable = true;
};

}  // namespace folio
