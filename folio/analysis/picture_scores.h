// How near pictures are to what they should be. (sheet E3, E4)
#pragma once
#include "folio/tensor/tensor.h"

namespace folio {

/// The mean over pictures of 10 · log10(largest² / mean squared error), in dB: 20 is an error of a tenth, 40
/// of a hundredth. Both (pictures, …), of one shape and in one unit; an error below 1e-10 · largest² counts
/// as that, so that a perfect picture has 100. With a `mask` of that shape only elements count where it is
/// not 0, and only pictures that have such elements. Throws `Error` when shapes differ or nothing counts.
double peak_signal_to_noise(const Tensor& truth, const Tensor& predicted, double largest = 1,
                            const Tensor& mask = {});

/// The mean over all elements of (predicted − truth)².
double mean_squared_difference(const Tensor& truth, const Tensor& predicted);

}  // namespace folio
