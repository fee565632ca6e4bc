// Training sets drawn from one: with replacement, or as random parts. Each is a function of (seed, round).
#pragma once
#include <cstdint>
#include <vector>

#include "folio/data/batches.h"

namespace folio {

/// As many rows as there are, drawn with replacement (Efron's bootstrap).
Data bootstrap(const Data& data, uint64_t seed, int64_t round);
/// `size` different rows; those of a smaller size are among those of a larger one.
Data random_part(const Data& data, int64_t size, uint64_t seed, int64_t round);

}  // namespace folio
