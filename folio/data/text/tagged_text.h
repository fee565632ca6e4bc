// Words with tags, as the files of CoNLL have them, and raw text cut into such words.
#pragma once
#include <string>
#include <string_view>
#include <vector>

#include "folio/base/file.h"

namespace folio {

/// Sentences; words[s][i] has the tag tags[s][i].
struct TaggedTexts {
  std::vector<std::vector<std::string>> words, tags;
  bool empty() const { return words.empty(); }
};

/// Lines of columns between tabs, or between blanks where there is no tab: the word first, its tag last. A
/// line of nothing but blanks and tabs ends a sentence, and so does -DOCSTART-; a line that begins with # and
/// does not end in a tag is a remark. Plain or gzip'ed; bytes that are no UTF-8 become U+FFFD. Throws `Error`
/// naming the line for what is no tag, and when there is no word.
TaggedTexts read_tagged_lines(const std::string& path, uint64_t limit = default_load_limit());

/// A word of a raw text, and where it stands there.
struct PlacedWord {
  std::string word;
  size_t first = 0, last = 0;  ///< bytes
};
/// Words between white space, with punctuation at their ends and 's as words of their own; addresses, @names
/// and #tags stay whole. The text is UTF-8.
std::vector<PlacedWord> cut_into_words(std::string_view text);

}  // namespace folio
