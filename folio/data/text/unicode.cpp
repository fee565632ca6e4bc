#include "folio/data/text/unicode.h"

#include <utf8proc.h>

#include <cstdlib>
#include <memory>

#include "folio/base/error.h"
#include "folio/base/utf8.h"

namespace folio {
namespace {

utf8proc_category_t category(char32_t c) { return utf8proc_category(static_cast<utf8proc_int32_t>(c)); }

bool is_cased(char32_t c) {
  const auto code = static_cast<utf8proc_int32_t>(c);
  return utf8proc_tolower(code) != code || utf8proc_toupper(code) != code ||
         category(c) == UTF8PROC_CATEGORY_LL;
}

// What may stand between a letter and the end of its word without ending it.
bool is_passed_over(char32_t c) {
  switch (category(c)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
      return true;
    default:
      return c == '\'' || c == '.' || c == ':' || c == 0x00B7 || c == 0x2018 || c == 0x2019;
  }
}

// Whether the sigma between these is the last letter of a word of several (SpecialCasing, Final_Sigma).
bool is_last_letter(std::u32string_view before, std::string_view after) {
  while (!before.empty() && is_passed_over(before.back())) before.remove_suffix(1);
  if (before.empty() || !is_cased(before.back())) return false;
  for (size_t at = 0; at < after.size();) {
    const char32_t c = next_code_point(after, at);
    if (!is_passed_over(c)) return !is_cased(c);
  }
  return true;
}

}  // namespace

bool is_space(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= '\t' && c <= '\r') || (c >= 0x1C && c <= 0x1F);
  if (c == 0x85) return true;
  const auto kind = category(c);
  return kind == UTF8PROC_CATEGORY_ZS || kind == UTF8PROC_CATEGORY_ZL || kind == UTF8PROC_CATEGORY_ZP;
}

bool is_punctuation(char32_t c) {
  switch (category(c)) {
    case UTF8PROC_CATEGORY_PC:
    case UTF8PROC_CATEGORY_PD:
    case UTF8PROC_CATEGORY_PS:
    case UTF8PROC_CATEGORY_PE:
    case UTF8PROC_CATEGORY_PI:
    case UTF8PROC_CATEGORY_PF:
    case UTF8PROC_CATEGORY_PO:
    case UTF8PROC_CATEGORY_SM:
    case UTF8PROC_CATEGORY_SC:
      return true;
    case UTF8PROC_CATEGORY_SK:
      return !(c >= 0x1F3FB && c <= 0x1F3FF);  // the colours of an emoji's skin belong to it
    default:
      return false;
  }
}

bool is_letter(char32_t c) {
  switch (category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
      return true;
    default:
      return false;
  }
}

std::string lower_case(std::string_view text) {
  std::string lower;
  lower.reserve(text.size());
  std::u32string word;  // what came since the last white space
  for (size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (c < 0x80) {
      lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c);
    } else if (c == 0x0130) {
      lower += "i\xCC\x87";
    } else if (c == 0x03A3) {
      append_utf8(lower, is_last_letter(word, text.substr(at)) ? 0x03C2 : 0x03C3);
    } else {
      append_utf8(lower, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))));
    }
    if (c == ' ' || word.size() > 64) word.clear();
    word += c;
  }
  return lower;
}

std::string normal_form(std::string_view text, const std::string& form) {
  int options = UTF8PROC_STABLE;
  if (form == "nfc")
    options |= UTF8PROC_COMPOSE;
  else if (form == "nfd")
    options |= UTF8PROC_DECOMPOSE;
  else if (form == "nfkc")
    options |= UTF8PROC_COMPOSE | UTF8PROC_COMPAT;
  else if (form == "nfkd")
    options |= UTF8PROC_DECOMPOSE | UTF8PROC_COMPAT;
  else
    throw Error("normal form: expected nfc, nfd, nfkc or nfkd, got \"" + form + "\"");
  const std::string whole = repaired_utf8(text);
  utf8proc_uint8_t* mapped = nullptr;
  const utf8proc_ssize_t size = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(whole.data()),
                                             static_cast<utf8proc_ssize_t>(whole.size()), &mapped,
                                             static_cast<utf8proc_option_t>(options));
  const std::unique_ptr<utf8proc_uint8_t, decltype(&std::free)> owner(mapped, &std::free);
  if (size < 0) throw Error(std::string("normal form: ") + utf8proc_errmsg(size));
  return std::string(reinterpret_cast<const char*>(mapped), static_cast<size_t>(size));
}

}  // namespace folio
