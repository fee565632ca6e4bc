// UTF-8, as far as readers of text must check it.
#pragma once
#include <cstddef>
#include <string_view>

namespace folio {

/// The offset of the first byte that is no UTF-8 (overlong forms and surrogates are none), or npos.
size_t find_invalid_utf8(std::string_view text);

}  // namespace folio
