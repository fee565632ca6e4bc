// Several cells as one.
#pragma once
#include "folio/layers/common/layer_options.h"
#include "folio/layers/recurrent/cell.h"

namespace folio {

/// Each cell takes the output of the one before it, in the same step. States: those of the first cell, then
/// those of the next.
class StackedRNNCells final : public Layer {
 public:
  explicit StackedRNNCells(std::vector<Layer> cells, LayerOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
