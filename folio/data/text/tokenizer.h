// Words by their frequency, as Keras' Tokenizer counts them, and sequences cut and padded to one length.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "folio/tensor/tensor.h"

namespace folio {

struct TokenizerOptions {
  int64_t num_words = 0;  ///< numbers from here on are left out (so one word fewer is kept); 0: none
  std::string filters =
      "!\"#$%&()*+,-./:;<=>?@[\\]^_`{|}~\t\n";  ///< characters that separate, beside `split`
  bool lower = true;
  std::string split = " ";
  bool char_level = false;  ///< every character is a token; nothing is filtered
  std::string oov_token =
      {};  ///< takes number 1 and stands for words that are not known; "": they are skipped
};

/// Keras' Tokenizer, number for number: words have the numbers 1, 2, … by how often they came, among equals
/// by which came first; 0 is for padding. Texts are UTF-8; bytes that are none become U+FFFD. (sheet G12)
class Tokenizer {
 public:
  explicit Tokenizer(TokenizerOptions options = {}) : options_(std::move(options)) {}
  /// Counts the words of more texts and numbers all anew.
  void fit_on_texts(const std::vector<std::string>& texts);
  std::vector<std::vector<int32_t>> texts_to_sequences(const std::vector<std::string>& texts) const;
  /// Known words with blanks between them.
  std::vector<std::string> sequences_to_texts(const std::vector<std::vector<int32_t>>& sequences) const;
  /// float64 (texts, numbers): "binary", "count", "freq" or "tfidf". Throws `Error` for another mode.
  Tensor texts_to_matrix(const std::vector<std::string>& texts, const std::string& mode = "binary") const;

  /// The words by number, from 1 on: words()[i] has the number i + 1.
  const std::vector<std::string>& words() const { return words_; }
  /// 0 when there is none.
  int32_t number_of(const std::string& word) const;
  /// In how many texts each word was, in the order of `words`.
  std::vector<int64_t> text_counts() const;

 private:
  struct Count {
    int64_t occurrences = 0, texts = 0, first = 0, last_text = -1;
  };
  std::vector<std::string> tokens_of(std::string_view text) const;

  TokenizerOptions options_;
  std::unordered_map<std::string, Count> counts_;
  std::unordered_map<std::string, int32_t> numbers_;
  std::vector<std::string> words_;
  int64_t texts_ = 0;
};

/// Keras' text_to_word_sequence with the tokenizer's rules for words.
std::vector<std::string> text_to_word_sequence(std::string_view text, const TokenizerOptions& options = {});

struct PadOptions {
  int64_t maxlen = 0;  ///< 0: that of the longest
  std::string padding = "pre";
  std::string truncating = "pre";  ///< where what is too much is taken away
  int32_t value = 0;
};
/// int32 (sequences, length). Throws `Error` for words other than pre and post.
Tensor pad_sequences(const std::vector<std::vector<int32_t>>& sequences, const PadOptions& options = {});

}  // namespace folio
