// Numbers of cells at the sides of pictures and volumes.
#pragma once
#include "folio/layers/common/pair.h"

namespace folio {

/// One number for all sides, {above and below, left and right}, or {{above, below}, {left, right}}.
struct PictureSides {
  PictureSides(int64_t all) : PictureSides(all, all) {}  // NOLINT: numbers convert
  PictureSides(int64_t vertical, int64_t horizontal) : PictureSides(Pair(vertical), Pair(horizontal)) {}
  PictureSides(Pair vertical, Pair horizontal) : vertical(vertical), horizontal(horizontal) {}

  Pair vertical, horizontal;
};

/// One number for all sides, one for each direction, or {{front, back}, {above, below}, {left, right}}.
struct VolumeSides {
  VolumeSides(int64_t all) : VolumeSides(all, all, all) {}  // NOLINT: numbers convert
  VolumeSides(int64_t depth, int64_t vertical, int64_t horizontal)
      : VolumeSides(Pair(depth), Pair(vertical), Pair(horizontal)) {}
  VolumeSides(Pair depth, Pair vertical, Pair horizontal)
      : depth(depth), vertical(vertical), horizontal(horizontal) {}

  Pair depth, vertical, horizontal;
};

}  // namespace folio
