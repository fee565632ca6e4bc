// Sounds at another rate.
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace folio {

/// The same sound with `to` samples a second instead of `from`: each is a sum of those around it, weighted by
/// a sinc under a Kaiser window (Smith, Digital Audio Resampling Home Page), cut off below half of the lower
/// rate, so that what the new rate cannot hold is left out instead of coming back as another tone. There are
/// as many samples as begin within the sound; outside it is silent. Throws `Error` for rates below 1.
std::vector<float> resample(std::span<const float> samples, int64_t from, int64_t to);

}  // namespace folio
