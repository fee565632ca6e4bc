#include "folio/analysis/translation_scores.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "folio/base/error.h"

namespace folio {
namespace {

constexpr int kWords = 4, kCharacters = 6;

// Characters
// ------------------------------------------------------------------------------------------------------------

constexpr char32_t kNoCharacter = 0x110000;

/// The code points of a text; bytes that are no UTF-8 are numbers beyond, from `kNoCharacter` on.
std::u32string code_points(std::string_view text) {
  std::u32string result;
  for (size_t i = 0; i < text.size();) {
    const auto first = static_cast<unsigned char>(text[i]);
    size_t length = first < 0x80 ? 1 : first >> 5 == 6 ? 2 : first >> 4 == 14 ? 3 : first >> 3 == 30 ? 4 : 1;
    char32_t point = first < 0x80 ? first : length == 1 ? kNoCharacter + first : first & (0x7f >> length);
    for (size_t j = 1; j < length; ++j) {
      if (i + j >= text.size() || (static_cast<unsigned char>(text[i + j]) & 0xc0) != 0x80) {
        length = 1, point = kNoCharacter + first;
        break;
      }
      point = point << 6 | (static_cast<unsigned char>(text[i + j]) & 0x3f);
    }
    result += point;
    i += length;
  }
  return result;
}

// What Python takes for a blank.
bool is_blank(char32_t c) {
  return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0 || c == 0x1680 ||
         (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f || c == 0x205f ||
         c == 0x3000;
}

bool is_digit(char32_t c) { return c >= '0' && c <= '9'; }
bool is_stop(char32_t c) { return c == '.' || c == ','; }
// Punctuation that always stands alone; not the apostrophe, the dash, the stop and the comma.
bool is_apart(char32_t c) {
  return (c >= '{' && c <= '~') || (c >= '[' && c <= '`') || (c >= ' ' && c <= '&') ||
         (c >= '(' && c <= '+') || (c >= ':' && c <= '@') || c == '/';
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size())
    text.replace(at, from.size(), to);
}

// Two neighbours that fit the rule are written anew; the second is not looked at again.
template <class Fits>
std::u32string rewritten(const std::u32string& text, Fits&& fits, const char* form) {
  std::u32string result;
  for (size_t i = 0; i < text.size(); ++i) {
    if (i + 1 == text.size() || !fits(text[i], text[i + 1])) {
      result += text[i];
      continue;
    }
    for (const char* c = form; *c; ++c)
      result += *c == '1' ? text[i] : *c == '2' ? text[i + 1] : static_cast<char32_t>(*c);
    ++i;
  }
  return result;
}

// Counts
// ------------------------------------------------------------------------------------------------------------

/// Runs of `length` items and how often each comes.
template <class Items>
std::map<Items, int64_t> runs(const Items& items, size_t length) {
  std::map<Items, int64_t> counts;
  for (size_t i = 0; i + length <= items.size(); ++i)
    ++counts[Items(items.begin() + static_cast<std::ptrdiff_t>(i),
                   items.begin() + static_cast<std::ptrdiff_t>(i + length))];
  return counts;
}

struct Matches {
  int64_t hypothesis = 0, reference = 0, both = 0;
};

template <class Items>
Matches matches(const Items& hypothesis, const Items& reference, size_t length) {
  const auto ours = runs(hypothesis, length), theirs = runs(reference, length);
  Matches result;
  for (const auto& [run, count] : ours) {
    result.hypothesis += count;
    if (const auto found = theirs.find(run); found != theirs.end())
      result.both += std::min(count, found->second);
  }
  for (const auto& [run, count] : theirs) result.reference += count;
  return result;
}

void check(const char* score, size_t hypotheses, size_t references) {
  if (hypotheses != references)
    throw Error(
        fmt::format("{}: expected a reference for each of {} lines, got {}", score, hypotheses, references));
}

using Words = std::vector<std::string>;

// Of several references: of each run as many as in the one that has most of it.
Matches matches(const Words& hypothesis, const std::vector<Words>& references, size_t length) {
  std::map<Words, int64_t> most;
  for (const Words& reference : references)
    for (const auto& [run, count] : runs(reference, length)) most[run] = std::max(most[run], count);
  Matches result;
  for (const auto& [run, count] : runs(hypothesis, length)) {
    result.hypothesis += count;
    if (const auto found = most.find(run); found != most.end()) result.both += std::min(count, found->second);
  }
  return result;
}

int64_t nearest_length(int64_t length, const std::vector<Words>& references) {
  int64_t nearest = -1;
  for (const Words& reference : references) {
    const auto other = static_cast<int64_t>(reference.size());
    const int64_t gap = std::abs(other - length), best = std::abs(nearest - length);
    if (nearest < 0 || gap < best || (gap == best && other < nearest)) nearest = other;
  }
  return nearest;
}

double ratio(int64_t part, int64_t whole) { return static_cast<double>(part) / static_cast<double>(whole); }

}  // namespace

std::vector<std::string> tokenize_13a(std::string_view line) {
  std::string plain(line);
  for (const auto& [from, to] : {std::pair{"<skipped>", ""},
                                 {"-\n", ""},
                                 {"\n", " "},
                                 {"&quot;", "\""},
                                 {"&amp;", "&"},
                                 {"&lt;", "<"},
                                 {"&gt;", ">"}})
    replace_all(plain, from, to);
  // Bytes above 127 are parts of letters to all of these rules.
  std::u32string text = U" ";
  for (char c : plain + " ") {
    const auto point = static_cast<char32_t>(static_cast<unsigned char>(c));
    if (is_apart(point))
      (text += U' ') += point, text += U' ';
    else
      text += point;
  }
  text = rewritten(
      text, [](char32_t a, char32_t b) { return !is_digit(a) && is_stop(b); }, "1 2 ");
  text = rewritten(
      text, [](char32_t a, char32_t b) { return is_stop(a) && !is_digit(b); }, " 1 2");
  text = rewritten(
      text, [](char32_t a, char32_t b) { return is_digit(a) && b == '-'; }, "1 2 ");
  std::string bytes;
  for (char32_t c : text) bytes += static_cast<char>(c);

  std::vector<std::string> words;
  std::string word;
  size_t at = 0;
  for (char32_t c : code_points(bytes)) {
    const size_t length = c < 0x80 || c >= kNoCharacter ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    if (!is_blank(c)) {
      word += bytes.substr(at, length);
    } else if (!word.empty()) {
      words.push_back(std::move(word));
      word.clear();
    }
    at += length;
  }
  if (!word.empty()) words.push_back(std::move(word));
  return words;
}

BleuScore bleu(const std::vector<std::string>& hypotheses, const std::vector<std::string>& references) {
  check("bleu", hypotheses.size(), references.size());
  std::vector<std::vector<std::string>> each;
  for (const std::string& reference : references) each.push_back({reference});
  return bleu_of_several(hypotheses, each);
}

BleuScore bleu_of_several(const std::vector<std::string>& hypotheses,
                          const std::vector<std::vector<std::string>>& references) {
  check("bleu", hypotheses.size(), references.size());
  BleuScore score;
  std::array<Matches, kWords> total = {};
  for (size_t line = 0; line < hypotheses.size(); ++line) {
    const auto ours = tokenize_13a(hypotheses[line]);
    if (references[line].empty())
      throw Error(fmt::format("bleu: expected a reference for line {}, got none", line + 1));
    std::vector<std::vector<std::string>> theirs;
    for (const std::string& reference : references[line]) theirs.push_back(tokenize_13a(reference));
    score.hypothesis_length += static_cast<int64_t>(ours.size());
    score.reference_length += nearest_length(static_cast<int64_t>(ours.size()), theirs);
    for (size_t n = 0; n < kWords; ++n) {
      const Matches found = matches(ours, theirs, n + 1);
      total[n].hypothesis += found.hypothesis;
      total[n].both += found.both;
    }
  }
  if (score.hypothesis_length < score.reference_length)
    score.brevity_penalty = score.hypothesis_length > 0
                                ? std::exp(1 - ratio(score.reference_length, score.hypothesis_length))
                                : 0;
  if (total[0].both == 0) return score;
  double halves = 1, logarithms = 0;
  for (size_t n = 0; n < kWords; ++n) {
    if (total[n].hypothesis == 0) return score;  // no line is long enough
    if (total[n].both == 0) halves *= 2;
    score.precisions[n] = total[n].both > 0 ? 100 * ratio(total[n].both, total[n].hypothesis)
                                            : 100 / (halves * static_cast<double>(total[n].hypothesis));
    logarithms += std::log(score.precisions[n]);
  }
  score.bleu = score.brevity_penalty * std::exp(logarithms / kWords);
  return score;
}

double chrf(const std::vector<std::string>& hypotheses, const std::vector<std::string>& references) {
  check("chrf", hypotheses.size(), references.size());
  constexpr double kRecallCounts = 4;  // beta² for beta = 2
  const auto without_blanks = [](const std::string& line) {
    std::u32string text = code_points(line);
    text.erase(std::remove_if(text.begin(), text.end(), is_blank), text.end());
    return text;
  };
  std::array<Matches, kCharacters> total = {};
  for (size_t line = 0; line < hypotheses.size(); ++line) {
    const std::u32string ours = without_blanks(hypotheses[line]), theirs = without_blanks(references[line]);
    for (size_t n = 0; n < kCharacters; ++n) {
      const Matches found = matches(ours, theirs, n + 1);
      // Where the reference is too short for such runs, those of the hypothesis are no mistakes.
      if (found.reference > 0) total[n].hypothesis += found.hypothesis;
      total[n].reference += found.reference;
      total[n].both += found.both;
    }
  }
  double precision = 0, recall = 0;
  int orders = 0;
  for (const Matches& of : total) {
    if (of.hypothesis == 0 || of.reference == 0) continue;
    precision += ratio(of.both, of.hypothesis);
    recall += ratio(of.both, of.reference);
    ++orders;
  }
  if (orders == 0 || precision + recall == 0) return 0;
  precision /= orders;
  recall /= orders;
  return 100 * (1 + kRecallCounts) * precision * recall / (kRecallCounts * precision + recall);
}

}  // namespace folio
