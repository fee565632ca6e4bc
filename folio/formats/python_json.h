// JSON from files that Python wrote and anyone may have changed.
#pragma once
#include <string>
#include <string_view>

#include "folio/base/json.h"

namespace folio {

inline constexpr size_t kMostJsonBytes = 64 << 20;
inline constexpr int kMostJsonDepth = 128;

/// Strict JSON plus Python's NaN, Infinity and -Infinity. Duplicate keys, bad UTF-8, nesting beyond 128 and
/// texts beyond 64 MiB are refused: `PLACE: line 3, column 7: expected …, got …`.
Json parse_python_json(std::string_view text, const std::string& place);
/// ASCII only, as Python writes it; NaN and infinities too. Throws `Error` for texts that are no UTF-8.
std::string python_json(const Json& json);

}  // namespace folio
