// Many pictures on one, to look at.
#pragma once
#include <vector>

#include "folio/tensor/tensor.h"

namespace folio {

/// Rows of pictures, uint8 or float32 (height, width, 1 or 3) of any sizes, side by side on white: uint8 of 3
/// channels. Each lies in the middle of a square of `tile` pixels, enlarged by whole pixels or made smaller
/// as it needs. Throws `Error` when there is none, or the sheet would be larger than pictures may be.
Tensor contact_sheet(const std::vector<std::vector<Tensor>>& rows, int64_t tile = 96);

/// (n, height, width, channels) -> its n pictures, sharing memory: a row of a contact sheet.
std::vector<Tensor> pictures_of(const Tensor& batch);

/// The nearest bytes of numbers from 0 (black) to 1 (white); what lies outside is cut off, and what is no
/// number is black. The same shape.
Tensor as_bytes(const Tensor& pictures);

}  // namespace folio
