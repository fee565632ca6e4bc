// Borders of zeros around pictures.
#pragma once
#include "folio/layers/data_format.h"
#include "folio/layers/layer.h"
#include "folio/layers/pair.h"

namespace folio {

/// Cells to add at each side: one number for all sides, {above and below, left and right}, or
/// {{above, below}, {left, right}}.
struct SidePadding {
  SidePadding(int64_t all) : SidePadding(all, all) {}  // NOLINT: numbers convert
  SidePadding(int64_t vertical, int64_t horizontal)
      : top(vertical), bottom(vertical), left(horizontal), right(horizontal) {}
  SidePadding(Pair vertical, Pair horizontal)
      : top(vertical.vertical),
        bottom(vertical.horizontal),
        left(horizontal.vertical),
        right(horizontal.horizontal) {}

  int64_t top, bottom, left, right;
};

struct ZeroPadding2DOptions {
  DataFormat data_format = {};
  std::string name = {};
  bool trainable = true;
};

/// x: (batch, height, width, channels) -> (batch, above + height + below, left + width + right, channels)
class ZeroPadding2D final : public Layer {
 public:
  explicit ZeroPadding2D(SidePadding padding = 1, ZeroPadding2DOptions options = {});
  static Layer from_config(const Json& config, const std::string& name, const std::string& place);
};

}  // namespace folio
