// Products of two inputs, example by example.
#pragma once
#include <array>

#include "folio/layers/layer.h"

namespace folio {

/// The dimension of each input that is summed away; written as one number or two.
struct DotAxes {
  DotAxes(int64_t both) : of{both, both}, one_number(true) {}  // NOLINT: numbers convert
  DotAxes(int64_t first, int64_t second) : of{first, second} {}
  std::array<int64_t, 2> of;
  bool one_number = false;
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
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
