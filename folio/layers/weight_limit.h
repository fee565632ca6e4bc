// For layers that make more than weights.
#pragma once

namespace folio {

/// True while a `WeightLimit` of this thread lives: layers are being made from a file, whose sizes are
/// promises.
bool weights_are_limited();

}  // namespace folio
