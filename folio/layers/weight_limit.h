// For layers that make more than weights.
#pragma once

namespace folio {

/// True while a `WeightLimit` of this thread lives: layers are being made from a file, whose sizes are
/// promises.
bool weights_are_limited();

/// While it lives, the layers that this thread makes get weights that have shapes but no memory: enough for a
/// summary, and quick for the largest network. Such a model can neither run nor be saved.
class WeightOutline {
 public:
  WeightOutline();
  ~WeightOutline();
  WeightOutline(const WeightOutline&) = delete;
  WeightOutline& operator=(const WeightOutline&) = delete;
};

}  // namespace folio
