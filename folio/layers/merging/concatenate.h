// Values put behind each other, as a layer.
#pragma once
#include <initializer_list>

#include "folio/layers/layer.h"

namespace folio {

struct ConcatenateOptions {
  int64_t axis = -1;
  std::string name = {};
  bool trainable = true;
};

/// Inputs of equal shapes but for dimension `axis` -> one value with their sizes added there.
class Concatenate final : public Layer {
 public:
  explicit Concatenate(ConcatenateOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

/// `concatenate({a, b})`: makes the layer and calls it. Written with braces it is this function, which model
/// files can hold; on a `Values` variable it is the op of folio/ops/slice.h, so call `Concatenate()(values)`
/// for those.
Value concatenate(std::initializer_list<Value> values, ConcatenateOptions options = {});
Value concatenate(std::initializer_list<Value> values, int axis);

}  // namespace folio
