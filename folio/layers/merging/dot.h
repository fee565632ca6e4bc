// Products of two inputs, example by example.
#pragma once
#include <vector>

#include "folio/layers/layer.h"

namespace folio {

/// The dimension of each input that is summed away; written as one number or two.
struct DotAxes : std::vector<int64_t> {
  DotAxes(int64_t both) : vector{both} {}  // NOLINT: numbers convert
  DotAxes(int64_t first, int64_t second) : vector{first, second} {}
};

struct DotOptions {
  bool normalize = false;  ///< inputs are brought to length 1 along the axes: cosines
  std::string name = {};
  bool trainable = true;
};

/// The sum of products along one dimension of each input, which must be equally long; the dimensions that
/// are left follow each other. (batch, a, n) and (batch, n, b) with axes {2, 1} -> (batch, a, b); when none
/// is left, (batch, 1).
class Dot final : public Layer {
 public:
  explicit Dot(DotAxes axes, DotOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
