// Many pictures on one.
#pragma once
#include <vector>

#include "folio/tensor/tensor.h"

namespace folio {

/// Pictures of one size in lines below each other, with a white border of 2 pixels between them. Each line is
/// uint8 (pictures, height, width, 1 or 3), all with the same height, width and channels; small pictures are
/// enlarged by whole numbers until they are 56 pixels high or more. uint8 (height, width, channels). Throws
/// `Error` when the pictures differ in size, or when the sheet would have more than 64 million pixels.
Tensor contact_sheet(const std::vector<Tensor>& lines);

/// The nearest bytes of numbers from 0 (black) to 1 (white); what lies outside is cut off, and what is no
/// number is black. The same shape.
Tensor as_bytes(const Tensor& pictures);

}  // namespace folio
