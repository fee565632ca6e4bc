// Dimensions that layers are told by number.
#pragma once
#include <vector>

#include "folio/tensor/shape.h"

namespace folio {

/// The dimension of an input that `axis` means, counted from the front; negative ones count from the end.
/// Throws `Error` unless it exists; the batch, 0, counts only when `batch` says so.
int axis_of(int64_t axis, const Shape& input, bool batch = false);
/// The same for several, which must differ, in the order given.
std::vector<int> axes_of(const std::vector<int64_t>& axes, const Shape& input, bool batch = false);
/// The sizes of `input` along `axes`; throws `Error` when one is unknown.
Shape sizes_of(const Shape& input, const std::vector<int>& axes);
/// `input` with 1 in place of all dimensions but `axes`: how weights of these dimensions are stretched.
Shape stretched_shape(const Shape& input, const std::vector<int>& axes);

}  // namespace folio
