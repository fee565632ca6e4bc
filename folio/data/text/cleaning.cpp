#include "folio/data/text/cleaning.h"

#include <algorithm>

#include "folio/base/fields.h"
#include "folio/base/utf8.h"
#include "folio/data/text/unicode.h"

namespace folio {

void fields(Fields& f, TextCleaning& cleaning) {
  f("strip_html", cleaning.strip_html);
  f("normal_form", cleaning.normal_form, {.words = "nfc nfd nfkc nfkd none"});
  f("lower", cleaning.lower);
  f("punctuation_to_spaces", cleaning.punctuation_to_spaces);
  f("drop_single_characters", cleaning.drop_single_characters);
  f("squeeze_spaces", cleaning.squeeze_spaces);
}

std::string cleaned(std::string_view text, const TextCleaning& cleaning) {
  std::string clean = repaired_utf8(text);
  std::replace(clean.begin(), clean.end(), '\0', ' ');
  if (cleaning.strip_html) clean = strip_html(clean);
  if (cleaning.normal_form != "none") clean = normal_form(clean, cleaning.normal_form);
  if (cleaning.lower) clean = lower_case(clean);
  if (cleaning.punctuation_to_spaces) clean = punctuation_to_spaces(clean);
  if (cleaning.drop_single_characters) clean = drop_single_characters(clean);
  if (cleaning.squeeze_spaces) clean = squeeze_spaces(clean);
  return clean;
}

std::string punctuation_to_spaces(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (is_punctuation(c))
      result += ' ';
    else
      append_utf8(result, c);
  }
  return result;
}

std::string drop_single_characters(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  std::string word;
  size_t letters = 0;
  bool is_one_letter = false;
  const auto end_word = [&] {
    if (!(letters == 1 && is_one_letter)) result += word;
    word.clear();
    letters = 0;
  };
  for (size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (is_space(c)) {
      end_word();
      append_utf8(result, c);
      continue;
    }
    if (letters++ == 0) is_one_letter = is_letter(c);
    append_utf8(word, c);
  }
  end_word();
  return result;
}

std::string squeeze_spaces(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  bool blank = false;
  for (size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (is_space(c)) {
      blank = !result.empty();
      continue;
    }
    if (blank) result += ' ';
    blank = false;
    append_utf8(result, c);
  }
  return result;
}

}  // namespace folio
