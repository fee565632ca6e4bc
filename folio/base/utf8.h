// UTF-8, as far as readers of text must check it.
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

}  // namespace folio
