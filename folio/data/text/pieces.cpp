#include "folio/data/text/pieces.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>
#include <set>

#include "folio/base/error.h"
#include "folio/base/fields.h"
#include "folio/base/utf8.h"
#include "folio/data/text/unicode.h"

namespace folio {

static void fields(Fields& f, PiecesOptions& o) {
  f("unit", o.unit, {.words = "character word subword"});
  f("size", o.size, {.least = 0, .most = 10'000'000});
  f("least", o.least, {.least = 1, .most = 1'000'000'000});
  f("lower", o.lower);
}

namespace {

constexpr const char* kSpace = "\u2581";

std::vector<std::string> characters_of(std::string_view text) {
  std::vector<std::string> characters;
  for (size_t at = 0; at < text.size();) {
    const size_t first = at;
    next_code_point(text, at);
    characters.emplace_back(text.substr(first, at - first));
  }
  return characters;
}

// Texts by how often they came, among equals by which came first.
class Counter {
 public:
  void add(const std::string& text, int64_t times = 1) {
    const auto [place, is_new] = places_.try_emplace(text, counts_.size());
    if (is_new) counts_.emplace_back(text, 0);
    counts_[place->second].second += times;
  }
  std::vector<std::pair<std::string, int64_t>> sorted() const {
    auto counts = counts_;
    std::stable_sort(counts.begin(), counts.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    return counts;
  }

 private:
  std::unordered_map<std::string, size_t> places_;
  std::vector<std::pair<std::string, int64_t>> counts_;
};

}  // namespace

// What is cut further, or taken as it is: words with their mark, or characters.
std::vector<std::string> Pieces::words_of(std::string_view given) const {
  std::string text = normal_form(given, "nfc");
  if (options_.lower) text = lower_case(text);
  if (options_.unit == "character") return characters_of(text);
  std::vector<std::string> words;
  bool behind_space = true, open = false;  // open: more letters belong to the last word
  for (size_t at = 0; at < text.size();) {
    const char32_t c = next_code_point(text, at);
    if (is_space(c) || c == U'\u2581') {
      behind_space = true;
      open = false;
      continue;
    }
    const bool alone = is_punctuation(c);
    if (!open || alone || behind_space) words.emplace_back(behind_space ? kSpace : "");
    append_utf8(words.back(), c);
    open = !alone;
    behind_space = false;
  }
  return words;
}

int32_t Pieces::add_piece(const std::string& piece) {
  const auto [place, is_new] = numbers_.try_emplace(piece, static_cast<int32_t>(size()));
  if (is_new) pieces_.push_back(piece);
  return place->second;
}

Pieces Pieces::fit(const std::vector<std::string>& texts, const PiecesOptions& options) {
  Pieces pieces;
  pieces.options_ = options;
  check_fields("pieces", [&](Fields& f) { fields(f, pieces.options_); });
  Counter words, characters;
  for (const std::string& text : texts)
    for (const std::string& word : pieces.words_of(text)) words.add(word);
  const auto has_room = [&] { return options.size == 0 || pieces.size() < options.size; };
  if (options.unit != "subword") {
    for (const auto& [word, count] : words.sorted())
      if (count >= options.least && has_room()) pieces.add_piece(word);
  } else {
    const auto counted = words.sorted();
    for (const auto& [word, count] : counted)
      for (const std::string& character : characters_of(word)) characters.add(character, count);
    for (const auto& [character, count] : characters.sorted())
      if (count >= options.least && has_room()) pieces.add_piece(character);
    pieces.learn_joins(counted);
  }
  if (pieces.pieces_.empty())
    throw Error(fmt::format("pieces: expected texts in which a {} comes {} times or more, got {} texts",
                            options.unit == "word" ? "word" : "character", options.least, texts.size()));
  return pieces;
}

// Joins the most frequent pair of neighbours again and again; among equals the pair of the smaller numbers.
void Pieces::learn_joins(const std::vector<std::pair<std::string, int64_t>>& words) {
  std::vector<std::vector<int32_t>> cut(words.size());
  std::map<Pair, int64_t> counts;
  std::map<Pair, std::set<size_t>> where;
  std::set<std::pair<int64_t, Pair>> order;  // by minus the count
  const auto change = [&](const Pair& pair, int64_t by, size_t word) {
    if (pair.first == kUnknown || pair.second == kUnknown) return;
    int64_t& count = counts[pair];
    if (count > 0) order.erase({-count, pair});
    count += by;
    if (count > 0) order.insert({-count, pair});
    if (by > 0) where[pair].insert(word);
  };
  const auto change_all = [&](size_t w, int64_t sign) {
    for (size_t i = 0; i + 1 < cut[w].size(); ++i)
      change({cut[w][i], cut[w][i + 1]}, sign * words[w].second, w);
  };
  for (size_t w = 0; w < words.size(); ++w) {
    for (const std::string& character : characters_of(words[w].first)) {
      const auto known = numbers_.find(character);
      cut[w].push_back(known == numbers_.end() ? kUnknown : known->second);
    }
    change_all(w, 1);
  }
  while ((options_.size == 0 || size() < options_.size) && !order.empty()) {
    const auto [count, pair] = *order.begin();
    if (-count < options_.least) break;
    const int32_t joined = add_piece(piece(pair.first) + piece(pair.second));
    ranks_[pair] = static_cast<int32_t>(joins_.size());
    joins_.push_back(pair);
    const std::set<size_t> affected = std::move(where[pair]);
    for (const size_t w : affected) {
      change_all(w, -1);
      std::vector<int32_t> now;
      for (const int32_t number : cut[w])
        if (!now.empty() && Pair(now.back(), number) == pair)
          now.back() = joined;
        else
          now.push_back(number);
      cut[w] = std::move(now);
      change_all(w, 1);
    }
  }
}

void Pieces::cut_word(const std::string& word, std::vector<int32_t>& numbers) const {
  const auto number_of = [&](const std::string& piece) {
    const auto known = numbers_.find(piece);
    return known == numbers_.end() ? kUnknown : known->second;
  };
  if (options_.unit != "subword") return numbers.push_back(number_of(word));
  std::vector<int32_t> cut;
  for (const std::string& character : characters_of(word)) cut.push_back(number_of(character));
  while (cut.size() > 1) {
    int32_t best = std::numeric_limits<int32_t>::max();
    Pair pair;
    for (size_t i = 0; i + 1 < cut.size(); ++i)
      if (const auto rank = ranks_.find({cut[i], cut[i + 1]}); rank != ranks_.end() && rank->second < best)
        best = rank->second, pair = rank->first;
    if (best == std::numeric_limits<int32_t>::max()) break;
    const int32_t joined = numbers_.at(piece(pair.first) + piece(pair.second));
    std::vector<int32_t> now;
    for (const int32_t number : cut)
      if (!now.empty() && Pair(now.back(), number) == pair)
        now.back() = joined;
      else
        now.push_back(number);
    cut = std::move(now);
  }
  numbers.insert(numbers.end(), cut.begin(), cut.end());
}

std::vector<int32_t> Pieces::numbers(std::string_view text) const {
  std::vector<int32_t> numbers;
  for (const std::string& word : words_of(text)) cut_word(word, numbers);
  return numbers;
}

std::string Pieces::text(std::span<const int64_t> numbers) const {
  std::string joined;
  for (const int64_t number : numbers)
    if (number >= kFirstPiece) joined += piece(number);
  if (options_.unit == "character") return joined;
  std::string text;
  const std::string_view mark = kSpace;
  for (size_t at = 0; at < joined.size();)
    if (std::string_view(joined).substr(at).starts_with(mark)) {
      if (!text.empty()) text += ' ';
      at += mark.size();
    } else {
      text += joined[at++];
    }
  return text;
}

Json Pieces::to_json() const {
  Json json = written_fields([&](Fields& f) { fields(f, const_cast<PiecesOptions&>(options_)); });
  json["pieces"] = pieces_;
  json["joins"] = joins_;
  return json;
}

Pieces Pieces::from_json(const Json& json, const std::string& place) {
  Pieces made;
  read_fields(json, place, [&](Fields& f) { fields(f, made.options_); }, {"pieces", "joins"});
  const auto damaged = [&](const char* what) { return Error(place + ": " + what + "; the file is damaged"); };
  const auto list = json.find("pieces"), joins = json.find("joins");
  if (list == json.end() || !list->is_array() || list->empty())
    throw damaged("pieces: expected a list of texts");
  for (const Json& entry : *list) {
    if (!entry.is_string()) throw damaged("pieces: expected a list of texts");
    const auto& piece = entry.get_ref<const std::string&>();
    if (piece.empty() || find_invalid_utf8(piece) != std::string::npos || made.numbers_.count(piece))
      throw damaged("pieces: expected texts in UTF-8, each once");
    made.add_piece(piece);
  }
  if (joins == json.end() || !joins->is_array()) throw damaged("joins: expected a list of pairs");
  for (const Json& entry : *joins) {
    const auto is_number = [&](const Json& n) {
      return n.is_number_integer() && n >= kFirstPiece && n < made.size();
    };
    if (!entry.is_array() || entry.size() != 2 || !is_number(entry[0]) || !is_number(entry[1]))
      throw damaged("joins: expected pairs of numbers of pieces");
    const Pair pair = {entry[0].get<int32_t>(), entry[1].get<int32_t>()};
    if (!made.numbers_.count(made.piece(pair.first) + made.piece(pair.second)))
      throw damaged("joins: expected pairs that make a piece");
    if (!made.ranks_.try_emplace(pair, static_cast<int32_t>(made.joins_.size())).second)
      throw damaged("joins: expected each pair once");
    made.joins_.push_back(pair);
  }
  return made;
}

}  // namespace folio
