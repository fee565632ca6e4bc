// The options that every layer has, for those that have no others, and those that several have.
#pragma once
#include <cstdint>
#include <optional>
#include <string>

#include "folio/layers/common/data_format.h"

namespace folio {

struct LayerOptions {
  std::string name = {};  ///< empty: automatic, "flatten", "flatten_1", …
  bool trainable = true;
};

/// Of layers on pictures and volumes.
struct PictureOptions {
  DataFormat data_format = {};
  std::string name = {};
  bool trainable = true;
};

struct RandomOptions {
  std::optional<int64_t> seed = {};  ///< not given: the model's seed
  std::string name = {};
  bool trainable = true;
};

}  // namespace folio
