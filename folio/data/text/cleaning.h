// What is done to a text before it is cut into words: the sheet's steps, each of which can be left out.
#pragma once
#include <string>
#include <string_view>

#include "folio/base/json.h"

namespace folio {

class Fields;

/// The steps, in the order in which they are taken. (sheet G12)
struct TextCleaning {
  bool strip_html = true;
  std::string normal_form = "nfc";  ///< nfc, nfd, nfkc, nfkd, or none
  bool lower = true;
  bool punctuation_to_spaces = true;
  bool drop_single_characters = true;  ///< words of one letter
  bool squeeze_spaces = true;  ///< white space of any kind and length becomes one blank, none at the ends
};
void fields(Fields& f, TextCleaning& cleaning);

/// The text after these steps, always UTF-8: bytes that are none become U+FFFD, and NUL a blank.
std::string cleaned(std::string_view text, const TextCleaning& cleaning);

/// The text without tags, comments, scripts and styles, a blank in place of each, and with its entities read,
/// once. What only looks like a tag ("a < b", "<3", one that never ends) stays.
std::string strip_html(std::string_view text);
/// Every character of punctuation (`is_punctuation`) becomes a blank.
std::string punctuation_to_spaces(std::string_view text);
/// The words of one letter are left out; ideographs, digits and emoji stay.
std::string drop_single_characters(std::string_view text);
std::string squeeze_spaces(std::string_view text);

}  // namespace folio
