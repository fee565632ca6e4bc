// A size in each direction of a picture, and checks of sizes.
#pragma once
#include <cstdint>
#include <string>

#include "folio/base/json.h"

namespace folio {

class ConfigReader;

/// One number for both directions, or {vertical, horizontal}: kernel sizes, strides, windows.
struct Pair {
  Pair() = default;                                         ///< not given
  Pair(int64_t both) : vertical(both), horizontal(both) {}  // NOLINT: numbers convert
  Pair(int64_t vertical, int64_t horizontal) : vertical(vertical), horizontal(horizontal) {}
  bool given() const { return vertical != 0 || horizontal != 0; }
  friend bool operator==(const Pair&, const Pair&) = default;

  int64_t vertical = 0, horizontal = 0;
};

/// [vertical, horizontal], as Keras writes it.
Json config_of(const Pair& pair);
/// The entry `key`: a number or a list of two; `otherwise` when absent.
Pair read_pair(ConfigReader& read, const char* key, Pair otherwise);

/// Throw `Error` unless a size is from 1 to 2³¹ − 1: `Conv2D: filters: expected at least 1, got 0`.
void check_size(const char* layer, const char* option, int64_t value);
void check_size(const char* layer, const char* option, const Pair& value);

}  // namespace folio
