// Sizes in each direction of sequences (one), pictures (two) or volumes (three).
#pragma once
#include <cstdint>
#include <initializer_list>
#include <string>
#include <vector>

namespace folio {

/// One number for all directions, or one for each, from outermost to innermost: kernel sizes, strides,
/// windows.
struct Sizes : std::vector<int64_t> {
  Sizes() = default;                                            ///< not given
  Sizes(int64_t all) : vector(1, all) {}                        // NOLINT: numbers convert
  Sizes(std::initializer_list<int64_t> each) : vector(each) {}  // NOLINT
  Sizes(size_t directions, int64_t each) : vector(directions, each) {}
};

/// "5", "5x3", "5x3x2"
std::string to_string(const Sizes& sizes);

}  // namespace folio
