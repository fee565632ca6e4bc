// Pictures in other sizes, written with ops.
#pragma once
#include "folio/graph/value.h"

namespace folio {

/// x: (batch, H, W, channels) -> (batch, height, width, channels), bilinear or nearest, with the centres of
/// pixels at halves. Sizes may be unknown while only shapes count.
Value resized(const Value& x, int64_t height, int64_t width, bool nearest = false);
/// The largest part from the middle that has the shape of height : width. (Keras' smart_resize)
Value cropped_to_aspect(const Value& x, int64_t height, int64_t width);
/// The middle; of what is smaller, the largest part of this shape, enlarged.
Value center_cropped(const Value& x, int64_t height, int64_t width);
/// Numbers with fractions; others become such.
Value as_floating(const Value& x);

}  // namespace folio
