// Texts as pieces that can be put together again: characters, words, or parts of words.
#pragma once
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "folio/base/json.h"

namespace folio {

struct PiecesOptions {
  /// "character"; "word", of which the rare ones are not known; "subword": frequent words whole, others in
  /// parts, by byte-pair encoding over characters (Sennrich 2016).
  std::string unit = "subword";
  int64_t size = 8000;  ///< of the vocabulary at most; 0: no limit
  int64_t least = 2;    ///< a character, a word or a pair that is joined comes so often at least
  bool lower = false;   ///< lower case
};

/// Numbers: 0 fills rows up, 1 stands for what is not known, 2 begins and 3 ends a text; then the pieces.
/// Words are cut at white space and around every character of punctuation; a piece that follows white space
/// begins with "▁" (U+2581), so that the text can be had back, with one blank for white space of any length.
/// Of characters, every one is a piece, blanks too. Texts are brought to NFC.
class Pieces {
 public:
  static constexpr int32_t kPadding = 0, kUnknown = 1, kBegin = 2, kEnd = 3, kFirstPiece = 4;

  Pieces() = default;
  /// Learns from texts which pieces there are; the same texts in the same order give the same pieces. Throws
  /// `Error` when there are none, or an option is wrong.
  static Pieces fit(const std::vector<std::string>& texts, const PiecesOptions& options);

  /// Without begin and end.
  std::vector<int32_t> numbers(std::string_view text) const;
  /// Numbers below `kFirstPiece` are left out.
  std::string text(std::span<const int64_t> numbers) const;
  /// How many numbers there are.
  int64_t size() const { return static_cast<int64_t>(pieces_.size()) + kFirstPiece; }
  /// The piece of a number from `kFirstPiece` on.
  const std::string& piece(int64_t number) const {
    return pieces_.at(static_cast<size_t>(number - kFirstPiece));
  }
  const PiecesOptions& options() const { return options_; }

  Json to_json() const;
  /// Throws `Error` naming `place` for what is damaged.
  static Pieces from_json(const Json& json, const std::string& place);

 private:
  using Pair = std::pair<int32_t, int32_t>;

  std::vector<std::string> words_of(std::string_view text) const;
  void cut_word(const std::string& word, std::vector<int32_t>& numbers) const;
  int32_t add_piece(const std::string& piece);
  void learn_joins(const std::vector<std::pair<std::string, int64_t>>& words);

  PiecesOptions options_;
  std::vector<std::string> pieces_;
  std::unordered_map<std::string, int32_t> numbers_;
  std::vector<Pair> joins_;  // in the order in which they were learnt, which is that of their use
  std::map<Pair, int32_t> ranks_;
};

}  // namespace folio
