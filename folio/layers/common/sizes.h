// Sizes in each direction of sequences (one), pictures (two) or volumes (three).
#pragma once
#include <vector>

#include "folio/layers/common/pair.h"

namespace folio {

/// One number for all three directions of a volume, or {depth, vertical, horizontal}.
struct Triple {
  Triple() = default;                                                  ///< not given
  Triple(int64_t all) : depth(all), vertical(all), horizontal(all) {}  // NOLINT: numbers convert
  Triple(int64_t depth, int64_t vertical, int64_t horizontal)
      : depth(depth), vertical(vertical), horizontal(horizontal) {}

  int64_t depth = 0, vertical = 0, horizontal = 0;
};

/// One for each direction, from outermost to innermost: what layers of any rank keep.
using Sizes = std::vector<int64_t>;
inline Sizes sizes_of(int64_t steps) { return {steps}; }
inline Sizes sizes_of(const Pair& pair) { return {pair.vertical, pair.horizontal}; }
inline Sizes sizes_of(const Triple& triple) { return {triple.depth, triple.vertical, triple.horizontal}; }

/// The entry `key`: a number or a list of `rank`; `otherwise` when absent.
Sizes read_sizes(ConfigReader& read, const char* key, size_t rank, const Sizes& otherwise);
/// Throws `Error` unless each is from 1 to 2³¹ − 1.
void check_sizes(const char* layer, const char* option, const Sizes& values);
/// "5", "5x3", "5x3x2"
std::string to_string(const Sizes& sizes);

}  // namespace folio
