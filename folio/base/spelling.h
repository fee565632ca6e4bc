// Words that people may have meant.
#pragma once
#include <string>
#include <string_view>
#include <vector>

namespace folio {

/// How many letters must be added, dropped or changed to turn `a` into `b` (Levenshtein 1966).
size_t edit_distance(std::string_view a, std::string_view b);

/// The candidate that differs least from `word`, or "" when all differ in more than a third of its letters
/// (and in more than two).
std::string nearest(std::string_view word, const std::vector<std::string>& candidates);

}  // namespace folio
