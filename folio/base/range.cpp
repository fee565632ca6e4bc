#include "folio/base/range.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

#include "folio/base/error.h"

namespace folio {
namespace {

// All digits of a whole number, as people write it.
std::string text_of(double value) {
  return value == std::floor(value) && std::abs(value) < 1e18 ? fmt::format("{:.0f}", value)
                                                              : fmt::format("{}", value);
}

std::string before(const std::string& place) { return place.empty() ? "" : place + ": "; }

}  // namespace

bool Range::holds(double value) const {
  return (above ? value > least : value >= least) && (below ? value < most : value <= most) &&
         (!whole || value == std::floor(value));
}

std::string Range::words() const {
  constexpr double kMost = std::numeric_limits<double>::max();
  std::string text = whole ? "a whole number" : "a number";
  const bool from = least > -kMost, to = most < kMost;
  if (from && above)
    text += " above " + text_of(least);
  else if (from)
    text += (to ? " from " : " of at least ") + text_of(least);
  if (to && from && above)
    text += " and " + std::string(below ? "below " : "at most ") + text_of(most);
  else if (to && from)
    text += " to " + std::string(below ? "below " : "") + text_of(most);
  else if (to)
    text += (below ? " below " : " of at most ") + text_of(most);
  return text;
}

double Range::parse(std::string_view text, const std::string& place) const {
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !holds(value))
    throw Error(fmt::format("{}expected {}, got \"{}\"", before(place), words(), text.substr(0, 80)));
  return value;
}

void Range::check(double value, const std::string& place) const {
  if (!holds(value))
    throw Error(fmt::format("{}expected {}, got {}", before(place), words(), text_of(value)));
}

}  // namespace folio
