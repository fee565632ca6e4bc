// How raw text becomes the input of a model: cleaned, cut into tokens, numbered, brought to one length.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "folio/base/json.h"
#include "folio/data/text/cleaning.h"
#include "folio/tensor/tensor.h"

namespace folio {

struct TextOptions {
  TextCleaning cleaning = {};
  std::string unit = "word";  ///< or "character"
  int64_t ngrams = 1;       ///< runs of 1 to so many units are tokens too: "not good" beside "not" and "good"
  int64_t words = 0;        ///< the most frequent tokens that are kept; 0: all
  int64_t least_texts = 1;  ///< tokens in fewer texts are left out
  bool distinct = false;    ///< a token counts once in a text, where it comes first
  bool keep_unknown = false;  ///< unknown tokens have a number of their own; otherwise they are skipped
  int64_t length = 0;         ///< of a row; 0: as many tokens as the longest text has that it was fitted on
  std::string padding = "post", truncating = "post";  ///< or "pre"
  std::string column = {}, target = {};               ///< of a table, where texts and labels stood in one
};

/// Numbers: 0 fills rows up, 1 stands for unknown tokens, then the tokens by how often they came, among
/// equals by which came first. A text without any known token is a row of a single 1, never an empty one.
class TextPreparation {
 public:
  static constexpr const char* kAsset = "text.json";  ///< its name in a model file
  TextPreparation() = default;
  /// Learns from texts which tokens there are. Throws `Error` when there are none in all of them.
  static TextPreparation fit(const std::vector<std::string>& texts, TextOptions options);

  /// The tokens of a text, known or not.
  std::vector<std::string> tokens(std::string_view text) const;
  /// The numbers of the tokens of a text, of any length.
  std::vector<int32_t> numbers(std::string_view text) const;
  /// int32 (texts, length).
  Tensor transform(const std::vector<std::string>& texts) const;

  const TextOptions& options() const { return options_; }
  int64_t length() const { return options_.length; }
  /// Another length of rows, at least 1.
  void set_length(int64_t length) { options_.length = length; }
  /// How many numbers there are, 0 and 1 among them.
  int64_t vocabulary_size() const { return static_cast<int64_t>(words_.size()) + kFirstWord; }
  /// The tokens by number, from `kFirstWord` on.
  const std::vector<std::string>& words() const { return words_; }
  static constexpr int32_t kUnknownWord = 1, kFirstWord = 2;
  /// -1 when it is not known.
  int32_t number_of(const std::string& word) const;

  Json to_json() const;
  /// Throws `Error` naming `place` for what is damaged.
  static TextPreparation from_json(const Json& json, const std::string& place);

 private:
  void number_words();

  TextOptions options_;
  std::vector<std::string> words_;
  std::unordered_map<std::string, int32_t> numbers_;
};

}  // namespace folio
