// A number that tells whether layers may do something else than before.
#pragma once
#include <cstdint>

namespace folio {

/// Grows whenever a layer anywhere is frozen or thawed, or a model gets another layer.
uint64_t layers_version();
/// Lets it grow.
void layers_changed();

}  // namespace folio
