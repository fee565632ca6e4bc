// All features of an example in one row.
#pragma once
#include "folio/layers/common/data_format.h"
#include "folio/layers/layer.h"

namespace folio {

struct FlattenOptions {
  DataFormat data_format = {};
  std::string name = {};
  bool trainable = true;
};

/// x: (batch, a, b, …) -> (batch, a·b·…); (batch) -> (batch, 1)
class Flatten final : public Layer {
 public:
  explicit Flatten(FlattenOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
