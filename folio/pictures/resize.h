// Pictures in other sizes.
#pragma once
#include "folio/tensor/tensor.h"

namespace folio {

/// Bilinear, with the centres of pixels at halves and without smoothing when it becomes smaller: TensorFlow's
/// and Keras' `image.resize`. uint8 or float32 (height, width, channels) -> float32.
Tensor resize(const Tensor& picture, int64_t height, int64_t width);

/// The largest part from the middle that has the shape of height : width. (Keras' smart_resize)
Tensor crop_to_aspect(const Tensor& picture, int64_t height, int64_t width);

/// The nearest whole numbers, as uint8.
Tensor rounded(const Tensor& picture);

}  // namespace folio
