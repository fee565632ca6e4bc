// UTF-8: checks, and code points in and out.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>

namespace folio {

/// The offset of the first byte that is no UTF-8 (overlong forms and surrogates are none), or npos.
size_t find_invalid_utf8(std::string_view text);

/// How many characters (code points) a text has.
size_t count_characters(std::string_view text);
/// The text for one line of at most so many characters: control characters become spaces, and what is longer
/// ends in "…".
std::string shortened(std::string_view text, size_t characters);

/// What stands for bytes that are no UTF-8.
inline constexpr char32_t kReplacement = 0xFFFD;

/// The code point that begins at byte `at`, which moves behind it. Bytes that are no UTF-8 give U+FFFD: one
/// for every longest run that begins a character, as browsers do (Unicode 15, chapter 3.9).
char32_t next_code_point(std::string_view text, size_t& at);
/// Appends a code point; surrogates and what lies beyond U+10FFFF become U+FFFD.
void append_utf8(std::string& to, char32_t code_point);
/// The text with U+FFFD where it was no UTF-8.
std::string repaired_utf8(std::string_view text);

}  // namespace folio
