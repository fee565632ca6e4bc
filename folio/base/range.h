// Which numbers are allowed somewhere: one way to check them, and to say it.
#pragma once
#include <limits>
#include <string>
#include <string_view>

namespace folio {

/// Numbers from `least` to `most`, ends and all unless told otherwise; never NaN, and infinite only where an
/// end is.
struct Range {
  double least = -std::numeric_limits<double>::max(), most = std::numeric_limits<double>::max();
  bool whole = false;
  bool above = false;  ///< `least` itself is not allowed
  bool below = false;  ///< `most` itself is not allowed

  bool holds(double value) const;
  /// "a whole number from 1 to 100", "a number above 0", "a number from 0 to below 1"
  std::string words() const;
  /// The number that `text` is, all of it. Throws `Error` "PLACE: expected …, got …"; a place may be "".
  double parse(std::string_view text, const std::string& place) const;
  /// Throws `Error` "PLACE: expected …, got …" unless the value is in the range.
  void check(double value, const std::string& place) const;
};

/// Of counts that must fit an int: epochs, rows of a batch, steps.
inline constexpr Range kCounts = {1, 2147483647, true};
inline constexpr Range kCountsOrNone = {0, 2147483647, true};
/// Shares of a whole of which something must be left.
inline constexpr Range kShares = {.least = 0, .most = 1, .below = true};
inline constexpr Range kPositive = {.least = 0, .above = true};

}  // namespace folio
