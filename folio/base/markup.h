// Text inside XML, HTML and Graphviz' language.
#pragma once
#include <string>
#include <string_view>

namespace folio {

/// `text` as it can stand in an element or a quoted attribute, whatever it holds: names come from files of
/// strangers. Control characters become spaces, bytes that are no UTF-8 become U+FFFD.
std::string escape_markup(std::string_view text);

/// `text` as it can stand between quotes in a .dot file; control characters become spaces.
std::string escape_dot(std::string_view text);

/// `text` with every byte that is no UTF-8 replaced by U+FFFD.
std::string valid_utf8(std::string_view text);

}  // namespace folio
