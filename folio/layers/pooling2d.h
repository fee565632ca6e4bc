// What the two pooling layers share.
#pragma once
#include <optional>

#include "folio/layers/data_format.h"
#include "folio/layers/layer.h"
#include "folio/layers/pair.h"
#include "folio/ops/pooling.h"

namespace folio {

/// Settings, checks and config of a layer that slides a window over pictures; `pool` is the op that it
/// applies.
class Pooling2DBody final : public LayerBody {
 public:
  using Pool = Value (*)(const Value&, const PoolingOptions&);
  Pooling2DBody(const char* class_name, Pool pool, Pair pool_size, Pair strides, std::string padding);
  std::string class_name() const override { return class_name_; }
  void build(const std::vector<Shape>& inputs) override;
  Values call(const Values& inputs, CallContext& context) override;
  Json config() const override;

 private:
  const char* class_name_;
  Pool pool_;
  Pair pool_size_, strides_;
  std::string padding_;
};

/// The settings in a Keras config of either layer.
struct Pooling2DSettings {
  Pair pool_size, strides;
  std::string padding;
};
Pooling2DSettings read_pooling2d(const Json& config, const std::string& place);

}  // namespace folio
