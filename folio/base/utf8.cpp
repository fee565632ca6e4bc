#include "folio/base/utf8.h"

#include <algorithm>

namespace folio {
namespace {

// The bytes of the character that begins at `at`, or, where they are none, of the longest run that could have
// begun one.
struct Run {
  size_t bytes = 1;
  bool valid = false;
};

Run run_at(std::string_view text, size_t at) {
  const auto first = static_cast<unsigned char>(text[at]);
  if (first < 0x80) return {1, true};
  // How many bytes follow, and the range of the first of them; later ones are always 80 to BF.
  size_t more = 0;
  unsigned char low = 0x80, high = 0xBF;
  if (first >= 0xC2 && first <= 0xDF)
    more = 1;
  else if (first >= 0xE0 && first <= 0xEF)
    more = 2;
  else if (first >= 0xF0 && first <= 0xF4)
    more = 3;
  else
    return {};
  if (first == 0xE0) low = 0xA0;   // less would be overlong
  if (first == 0xED) high = 0x9F;  // more would be a surrogate
  if (first == 0xF0) low = 0x90;   // less would be overlong
  if (first == 0xF4) high = 0x8F;  // more would be beyond U+10FFFF
  for (size_t i = 1; i <= more; ++i) {
    if (at + i >= text.size()) return {i, false};
    const auto next = static_cast<unsigned char>(text[at + i]);
    if (next < low || next > high) return {i, false};
    low = 0x80;
    high = 0xBF;
  }
  return {more + 1, true};
}

}  // namespace

size_t find_invalid_utf8(std::string_view text) {
  for (size_t at = 0; at < text.size();) {
    const Run run = run_at(text, at);
    if (!run.valid) return at;
    at += run.bytes;
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

char32_t next_code_point(std::string_view text, size_t& at) {
  const Run run = run_at(text, at);
  const size_t first = at;
  at += run.bytes;
  if (!run.valid) return kReplacement;
  const auto byte = [&](size_t i) {
    return static_cast<char32_t>(static_cast<unsigned char>(text[first + i]));
  };
  if (run.bytes == 1) return byte(0);
  char32_t code_point = byte(0) & (0x7F >> run.bytes);
  for (size_t i = 1; i < run.bytes; ++i) code_point = code_point << 6 | (byte(i) & 0x3F);
  return code_point;
}

void append_utf8(std::string& to, char32_t c) {
  if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = kReplacement;
  const auto add = [&](char32_t byte) { to += static_cast<char>(static_cast<unsigned char>(byte)); };
  if (c < 0x80) return add(c);
  if (c < 0x800) {
    add(0xC0 | c >> 6);
  } else {
    if (c < 0x10000) {
      add(0xE0 | c >> 12);
    } else {
      add(0xF0 | c >> 18);
      add(0x80 | (c >> 12 & 0x3F));
    }
    add(0x80 | (c >> 6 & 0x3F));
  }
  add(0x80 | (c & 0x3F));
}

std::string repaired_utf8(std::string_view text) {
  size_t bad = find_invalid_utf8(text);
  if (bad == std::string_view::npos) return std::string(text);
  std::string repaired(text.substr(0, bad));
  while (bad < text.size()) append_utf8(repaired, next_code_point(text, bad));
  return repaired;
}

}  // namespace folio
