// What layers on pictures check of their input.
#pragma once
#include "folio/tensor/shape.h"

namespace folio {

/// Throws `Error` with the cure unless `shape` is (batch, height, width, channels) with known channels.
void check_pictures(const Shape& shape);

}  // namespace folio
