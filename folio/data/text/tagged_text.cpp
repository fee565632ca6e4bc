#include "folio/data/text/tagged_text.h"

#include <fmt/format.h>

#include "folio/base/error.h"
#include "folio/base/utf8.h"
#include "folio/data/text/text_files.h"
#include "folio/data/text/unicode.h"

namespace folio {
namespace {

// "O", or a letter, a dash and a kind.
bool is_tag(std::string_view tag) {
  return tag == "O" ||
         (tag.size() > 2 && tag[1] == '-' && std::string_view("BIES").find(tag[0]) != std::string_view::npos);
}

}  // namespace

TaggedTexts read_tagged_lines(const std::string& path, uint64_t limit) {
  constexpr const char* kBlanks = " \t\r\v\f";
  TaggedTexts found;
  bool begun = false;
  int64_t number = 0;
  for (const std::string& line : read_lines(path, limit)) {
    ++number;
    const size_t end = line.find_last_not_of(kBlanks);
    if (end == std::string::npos || line.starts_with("-DOCSTART-")) {
      begun = false;
      continue;
    }
    const std::string text = line.substr(0, end + 1);
    const char* between = text.find('\t') != std::string::npos ? "\t" : " ";
    const size_t first = text.find(*between), last = text.rfind(*between);
    const std::string word = text.substr(0, std::min(first, text.size()));
    std::string tag = last == std::string::npos ? "" : text.substr(last + 1);
    if (const size_t start = tag.find_first_not_of(kBlanks); start != std::string::npos) tag.erase(0, start);
    if (!is_tag(tag) && line[0] == '#') continue;
    if (!is_tag(tag) || word.empty())
      throw Error(fmt::format("{}:{}: expected a word and its tag, O or such as B-person, got \"{}\"", path,
                              number, shortened(line, 60)));
    if (!begun) {
      found.words.emplace_back();
      found.tags.emplace_back();
    }
    begun = true;
    found.words.back().push_back(word);
    found.tags.back().push_back(tag);
  }
  if (found.empty()) throw Error(path + ": expected lines of a word and its tag, got none");
  return found;
}

std::vector<PlacedWord> cut_into_words(std::string_view text) {
  std::vector<PlacedWord> words;
  const auto add = [&](size_t first, size_t last) {
    if (last > first) words.push_back({std::string(text.substr(first, last - first)), first, last});
  };
  const auto cut = [&](size_t first, size_t last) {
    const std::string_view chunk = text.substr(first, last - first);
    // What stands at the front of it.
    for (size_t at = first; at < last;) {
      size_t next = at;
      const char32_t c = next_code_point(text, next);
      if (!is_punctuation(c) || ((c == '@' || c == '#') && next < last)) break;
      add(at, next);
      first = at = next;
    }
    // And at its end, from the last character back.
    std::vector<size_t> ends;
    for (size_t end = last; end > first;) {
      size_t start = end - 1;
      while (start > first && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
      size_t next = start;
      if (!is_punctuation(next_code_point(text, next)) ||
          (text[start] == '/' && chunk.find("://") != chunk.npos))
        break;
      ends.push_back(end = start);
    }
    const size_t stop = ends.empty() ? last : ends.back();
    const std::string_view word = text.substr(first, stop - first);
    const size_t ending = word.size() > 2 && word.ends_with("'s")              ? 2
                          : word.size() > 4 && word.ends_with("\xE2\x80\x99s") ? 4
                                                                               : 0;
    add(first, stop - ending);
    add(stop - ending, stop);
    for (size_t i = ends.size(); i-- > 0;) add(ends[i], i == 0 ? last : ends[i - 1]);
  };
  size_t first = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t here = at;
    const char32_t c = next_code_point(text, at);
    if (!is_space(c) && c != 0) continue;
    cut(first, here);
    first = at;
  }
  cut(first, text.size());
  return words;
}

}  // namespace folio
