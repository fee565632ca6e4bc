// What Unicode says of characters: kinds, lower case, normal forms. The same in every locale.
#pragma once
#include <string>
#include <string_view>

namespace folio {

/// White space: blanks of all widths, tabs, line ends, U+0085, U+2028.
bool is_space(char32_t c);
/// Punctuation of all scripts, and signs of mathematics, money and accents that stand alone; no emoji.
bool is_punctuation(char32_t c);
/// A letter of a script with letters; an ideograph or a syllable is none.
bool is_letter(char32_t c);

/// Unicode's lower case with its two special cases, U+0130 and the sigma at the end of a word, as in Python.
/// Bytes that are no UTF-8 become U+FFFD.
std::string lower_case(std::string_view text);

/// "nfc", "nfd", "nfkc" or "nfkd". Bytes that are no UTF-8 become U+FFFD. Throws `Error` for another form.
std::string normal_form(std::string_view text, const std::string& form);

}  // namespace folio
