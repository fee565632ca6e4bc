// Numbers of cells at the sides of sequences, pictures and volumes.
#pragma once
#include <cstdint>
#include <initializer_list>
#include <vector>

namespace folio {

/// One number for both ends of a direction, or {before, after}.
struct Ends {
  Ends(int64_t both) : before(both), after(both) {}  // NOLINT: numbers convert
  Ends(int64_t before, int64_t after) : before(before), after(after) {}
  int64_t before, after;
};

/// One number for all sides, or the ends of each direction: {1, 2}, {{above, below}, {left, right}}.
struct Sides : std::vector<Ends> {
  Sides(int64_t all) : vector(1, Ends(all)) {}               // NOLINT: numbers convert
  Sides(std::initializer_list<Ends> each) : vector(each) {}  // NOLINT
};

}  // namespace folio
