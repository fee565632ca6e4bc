#include "folio/base/utf8.h"

#include <algorithm>

namespace folio {

size_t find_invalid_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const auto first = static_cast<unsigned char>(text[at]);
    if (first < 0x80) {
      ++at;
      continue;
    }
    // How many bytes follow, and the range of the first of them; later ones are always 80 to BF.
    int more = 0;
    unsigned char low = 0x80, high = 0xBF;
    if (first >= 0xC2 && first <= 0xDF)
      more = 1;
    else if (first >= 0xE0 && first <= 0xEF)
      more = 2;
    else if (first >= 0xF0 && first <= 0xF4)
      more = 3;
    else
      return at;
    if (first == 0xE0) low = 0xA0;   // less would be overlong
    if (first == 0xED) high = 0x9F;  // more would be a surrogate
    if (first == 0xF0) low = 0x90;   // less would be overlong
    if (first == 0xF4) high = 0x8F;  // more would be beyond U+10FFFF
    for (int i = 1; i <= more; ++i) {
      if (at + static_cast<size_t>(i) >= text.size()) return at;
      const auto next = static_cast<unsigned char>(text[at + static_cast<size_t>(i)]);
      if (next < low || next > high) return at;
      low = 0x80;
      high = 0xBF;
    }
    at += static_cast<size_t>(more) + 1;
  }
  return std::string_view::npos;
}

size_t count_characters(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

std::string shortened(std::string_view text, size_t characters) {
  const bool cut = count_characters(text) > characters;
  std::string line;
  size_t count = 0;
  for (const char c : text) {
    if ((c & 0xC0) != 0x80 && count++ == characters - (cut ? 1 : 0)) break;
    line += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? ' ' : c;
  }
  return cut ? line + "…" : line;
}

}  // namespace folio
