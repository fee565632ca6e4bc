#include "folio/data/text/tokenizer.h"

#include <algorithm>
#include <cmath>

#include "folio/base/error.h"
#include "folio/base/utf8.h"
#include "folio/data/text/unicode.h"

namespace folio {
namespace {

std::vector<std::string> characters_of(std::string_view text) {
  std::vector<std::string> characters;
  for (size_t at = 0; at < text.size();) append_utf8(characters.emplace_back(), next_code_point(text, at));
  return characters;
}

}  // namespace

std::vector<std::string> text_to_word_sequence(std::string_view text, const TokenizerOptions& options) {
  std::string prepared = options.lower ? lower_case(text) : repaired_utf8(text);
  const std::vector<std::string> filters = characters_of(options.filters);
  if (!filters.empty()) {
    std::string filtered;
    filtered.reserve(prepared.size());
    for (size_t at = 0; at < prepared.size();) {
      const size_t first = at;
      next_code_point(prepared, at);
      const std::string_view character = std::string_view(prepared).substr(first, at - first);
      if (std::find(filters.begin(), filters.end(), character) != filters.end())
        filtered += options.split;
      else
        filtered += character;
    }
    prepared = std::move(filtered);
  }
  std::vector<std::string> words;
  if (options.split.empty()) throw Error("Tokenizer: split: expected a text, got an empty one");
  for (size_t at = 0; at <= prepared.size();) {
    const size_t end = std::min(prepared.find(options.split, at), prepared.size());
    if (end > at) words.push_back(prepared.substr(at, end - at));
    at = end + options.split.size();
  }
  return words;
}

std::vector<std::string> Tokenizer::tokens_of(std::string_view text) const {
  if (!options_.char_level) return text_to_word_sequence(text, options_);
  return characters_of(options_.lower ? lower_case(text) : std::string(text));
}

void Tokenizer::fit_on_texts(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    for (const std::string& token : tokens_of(text)) {
      const auto [found, is_new] = counts_.try_emplace(token);
      Count& count = found->second;
      if (is_new) count.first = static_cast<int64_t>(counts_.size());
      ++count.occurrences;
      if (count.last_text != texts_) ++count.texts;
      count.last_text = texts_;
    }
    ++texts_;
  }
  std::vector<std::pair<const std::string*, const Count*>> order;
  for (const auto& [word, count] : counts_) order.emplace_back(&word, &count);
  std::sort(order.begin(), order.end(), [](const auto& a, const auto& b) {
    if (a.second->occurrences != b.second->occurrences) return a.second->occurrences > b.second->occurrences;
    return a.second->first < b.second->first;
  });
  words_.clear();
  if (!options_.oov_token.empty()) words_.push_back(options_.oov_token);
  for (const auto& [word, count] : order) words_.push_back(*word);
  numbers_.clear();
  for (size_t i = 0; i < words_.size(); ++i) numbers_[words_[i]] = static_cast<int32_t>(i + 1);
}

int32_t Tokenizer::number_of(const std::string& word) const {
  const auto found = numbers_.find(word);
  return found == numbers_.end() ? 0 : found->second;
}

std::vector<int64_t> Tokenizer::text_counts() const {
  std::vector<int64_t> counts;
  for (const std::string& word : words_) {
    const auto found = counts_.find(word);
    counts.push_back(found == counts_.end() ? 0 : found->second.texts);
  }
  return counts;
}

std::vector<std::vector<int32_t>> Tokenizer::texts_to_sequences(const std::vector<std::string>& texts) const {
  const int32_t unknown = options_.oov_token.empty() ? 0 : number_of(options_.oov_token);
  std::vector<std::vector<int32_t>> sequences;
  for (const std::string& text : texts) {
    std::vector<int32_t>& sequence = sequences.emplace_back();
    for (const std::string& token : tokens_of(text)) {
      int32_t number = number_of(token);
      if (options_.num_words > 0 && number >= options_.num_words) number = 0;
      if (number == 0) number = unknown;
      if (number > 0) sequence.push_back(number);
    }
  }
  return sequences;
}

std::vector<std::string> Tokenizer::sequences_to_texts(
    const std::vector<std::vector<int32_t>>& sequences) const {
  std::vector<std::string> texts;
  for (const auto& sequence : sequences) {
    std::string& text = texts.emplace_back();
    for (const int32_t number : sequence) {
      std::string word;
      if (number >= 1 && number <= static_cast<int32_t>(words_.size()) &&
          (options_.num_words == 0 || number < options_.num_words))
        word = words_[static_cast<size_t>(number - 1)];
      else
        word = options_.oov_token;
      if (!word.empty()) text += (text.empty() ? "" : " ") + word;
    }
  }
  return texts;
}

Tensor Tokenizer::texts_to_matrix(const std::vector<std::string>& texts, const std::string& mode) const {
  static const std::vector<std::string> modes = {"binary", "count", "freq", "tfidf"};
  if (std::find(modes.begin(), modes.end(), mode) == modes.end())
    throw Error("Tokenizer: mode: expected binary, count, freq or tfidf, got \"" + mode + "\"");
  const int64_t width = options_.num_words > 0 ? options_.num_words : static_cast<int64_t>(words_.size()) + 1;
  const auto sequences = texts_to_sequences(texts);
  const std::vector<int64_t> in_texts = text_counts();
  Tensor matrix({static_cast<int64_t>(texts.size()), width}, DType::float64);
  for (size_t r = 0; r < sequences.size(); ++r) {
    double* row = matrix.data<double>() + static_cast<int64_t>(r) * width;
    for (const int32_t number : sequences[r])
      if (number < width) ++row[number];
    for (int64_t c = 0; c < width; ++c) {
      if (row[c] == 0) continue;
      if (mode == "binary") row[c] = 1;
      if (mode == "freq") row[c] /= static_cast<double>(sequences[r].size());
      if (mode == "tfidf")
        row[c] = (1 + std::log(row[c])) *
                 std::log(1 + static_cast<double>(texts_) /
                                  (1 + static_cast<double>(in_texts[static_cast<size_t>(c - 1)])));
    }
  }
  return matrix;
}

Tensor pad_sequences(const std::vector<std::vector<int32_t>>& sequences, const PadOptions& options) {
  for (const auto& [key, word] :
       {std::pair("padding", options.padding), std::pair("truncating", options.truncating)})
    if (word != "pre" && word != "post")
      throw Error(std::string("pad_sequences: ") + key + ": expected pre or post, got \"" + word + "\"");
  int64_t length = options.maxlen;
  if (length == 0)
    for (const auto& sequence : sequences) length = std::max(length, static_cast<int64_t>(sequence.size()));
  Tensor padded({static_cast<int64_t>(sequences.size()), length}, DType::int32);
  padded.fill(options.value);
  for (size_t r = 0; r < sequences.size(); ++r) {
    const auto size = static_cast<int64_t>(sequences[r].size()), kept = std::min(size, length);
    const int64_t from = options.truncating == "pre" ? size - kept : 0;
    const int64_t to = options.padding == "pre" ? length - kept : 0;
    std::copy_n(sequences[r].begin() + from, kept,
                padded.data<int32_t>() + static_cast<int64_t>(r) * length + to);
  }
  return padded;
}

}  // namespace folio
