#include "folio/data/text/text_preparation.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "folio/base/error.h"
#include "folio/base/fields.h"
#include "folio/base/utf8.h"
#include "folio/data/text/tokenizer.h"
#include "folio/data/text/unicode.h"

namespace folio {

void fields(Fields& f, TextOptions& o) {
  f("cleaning", o.cleaning);
  f("unit", o.unit, {.words = "word character"});
  f("ngrams", o.ngrams, {.least = 1, .most = 10});
  f("words", o.words, {.least = 0});
  f("least_texts", o.least_texts, {.least = 1});
  f("distinct", o.distinct);
  f("keep_unknown", o.keep_unknown);
  f("length", o.length, {.least = 0, .most = kLargestSize});
  f("padding", o.padding, {.words = "pre post"});
  f("truncating", o.truncating, {.words = "pre post"});
  f("column", o.column);
  f("target", o.target);
}

TextPreparation TextPreparation::fit(const std::vector<std::string>& texts, TextOptions options) {
  check_fields("text", [&](Fields& f) { fields(f, options); });
  TextPreparation preparation;
  preparation.options_ = std::move(options);
  const TextOptions& o = preparation.options_;
  struct Count {
    int64_t occurrences = 0, texts = 0, first = 0, last_text = -1;
  };
  std::unordered_map<std::string, Count> counts;
  for (size_t t = 0; t < texts.size(); ++t)
    for (std::string& token : preparation.tokens(texts[t])) {
      const auto order = static_cast<int64_t>(counts.size());
      const auto [found, is_new] = counts.try_emplace(std::move(token));
      Count& count = found->second;
      if (is_new) count.first = order;
      ++count.occurrences;
      if (count.last_text != static_cast<int64_t>(t)) ++count.texts;
      count.last_text = static_cast<int64_t>(t);
    }
  if (counts.empty())
    throw Error(
        fmt::format("text: expected words to learn from, got none in {} texts; keep more of them with "
                    "the settings of the cleaning",
                    texts.size()));
  std::vector<std::pair<const std::string*, const Count*>> order;
  for (const auto& [word, count] : counts)
    if (count.texts >= o.least_texts) order.emplace_back(&word, &count);
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    if (a.second->occurrences != b.second->occurrences) return a.second->occurrences > b.second->occurrences;
    return a.second->first < b.second->first;
  });
  if (o.words > 0 && static_cast<int64_t>(order.size()) > o.words) order.resize(static_cast<size_t>(o.words));
  for (const auto& [word, count] : order) preparation.words_.push_back(*word);
  preparation.number_words();
  if (o.length == 0) {
    size_t longest = 1;
    for (const std::string& text : texts) longest = std::max(longest, preparation.numbers(text).size());
    preparation.options_.length = static_cast<int64_t>(longest);
  }
  return preparation;
}

void TextPreparation::number_words() {
  numbers_.clear();
  for (size_t i = 0; i < words_.size(); ++i) numbers_[words_[i]] = static_cast<int32_t>(i) + kFirstWord;
}

std::vector<std::string> TextPreparation::tokens(std::string_view text) const {
  const std::string clean = cleaned(text, options_.cleaning);
  std::vector<std::string> units;
  const bool words = options_.unit == "word";
  std::string word;
  for (size_t at = 0; at < clean.size();) {
    const char32_t c = next_code_point(clean, at);
    if (words && is_space(c)) {
      if (!word.empty()) units.push_back(std::move(word));
      word.clear();
    } else if (words) {
      append_utf8(word, c);
    } else {
      append_utf8(units.emplace_back(), c);
    }
  }
  if (!word.empty()) units.push_back(std::move(word));
  const size_t single = units.size();
  const std::string between = words ? " " : "";
  for (size_t n = 2; n <= static_cast<size_t>(options_.ngrams); ++n)
    for (size_t i = 0; i + n <= single; ++i) {
      std::string run = units[i];
      for (size_t k = 1; k < n; ++k) run += between + units[i + k];
      units.push_back(std::move(run));
    }
  return units;
}

int32_t TextPreparation::number_of(const std::string& word) const {
  const auto found = numbers_.find(word);
  return found == numbers_.end() ? -1 : found->second;
}

std::vector<int32_t> TextPreparation::numbers(std::string_view text) const {
  std::vector<int32_t> numbers;
  std::unordered_set<int32_t> seen;
  for (const std::string& token : tokens(text)) {
    int32_t number = number_of(token);
    if (number < 0) {
      if (!options_.keep_unknown) continue;
      number = kUnknownWord;
    }
    if (options_.distinct && !seen.insert(number).second) continue;
    numbers.push_back(number);
  }
  if (numbers.empty()) numbers.push_back(kUnknownWord);
  return numbers;
}

Tensor TextPreparation::transform(const std::vector<std::string>& texts) const {
  std::vector<std::vector<int32_t>> sequences;
  for (const std::string& text : texts) sequences.push_back(numbers(text));
  return pad_sequences(
      sequences, {.maxlen = options_.length, .padding = options_.padding, .truncating = options_.truncating});
}

Json TextPreparation::to_json() const {
  Json json = written_fields([&](Fields& f) { fields(f, const_cast<TextOptions&>(options_)); });
  json["vocabulary"] = words_;
  return json;
}

TextPreparation TextPreparation::from_json(const Json& json, const std::string& place) {
  TextPreparation preparation;
  read_fields(json, place, [&](Fields& f) { fields(f, preparation.options_); }, {"vocabulary"});
  const auto found = json.find("vocabulary");
  const auto is_text = [](const Json& entry) { return entry.is_string(); };
  if (found == json.end() || !found->is_array() || !std::all_of(found->begin(), found->end(), is_text))
    throw Error(place + ": vocabulary: expected a list of words; the file is damaged");
  preparation.words_ = found->get<std::vector<std::string>>();
  preparation.number_words();
  if (preparation.numbers_.size() != preparation.words_.size())
    throw Error(place + ": vocabulary: expected every word once; the file is damaged");
  if (preparation.options_.length < 1)
    throw Error(place + ": length: expected at least 1, got 0; the file is damaged");
  return preparation;
}

}  // namespace folio
