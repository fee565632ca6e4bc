// Tokens and their numbers: what the layers share that look tokens up.
#pragma once
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "folio/graph/parameter.h"
#include "folio/layers/layer.h"

namespace folio {

/// What stands for unknown tokens in vocabularies that list it.
template <class Token>
Token unknown_token();
template <>
inline std::string unknown_token() {
  return "[UNK]";
}
template <>
inline int64_t unknown_token() {
  return -1;
}

/// Settings by Keras' names.
template <class Token>
struct LookupOptions {
  int64_t max_tokens = 0;                ///< how many numbers there are at most; 0: no bound
  int64_t num_oov_indices = 1;           ///< numbers for unknown tokens; 0: there must be none
  std::optional<Token> mask_token = {};  ///< has number 0, or is left out where tokens are counted
  Token oov_token = unknown_token<Token>();
  std::vector<Token> vocabulary = {};  ///< instead of `adapt`; with or without the two tokens above in front
  std::vector<double> idf_weights = {};  ///< of tf_idf: one for each entry of `vocabulary`
  bool invert = false;                   ///< from numbers to tokens
  std::string output_mode = "int";       ///< or one_hot, multi_hot, count, tf_idf
  bool pad_to_max_tokens = false;  ///< vectors have `max_tokens` elements, however many tokens there are
  std::string name = {};
  bool trainable = true;
};

template <class Token>
class Vocabulary {
 public:
  /// Tokens of texts or rows, one list each.
  using Documents = std::vector<std::vector<Token>>;
  static constexpr int64_t kMasked = -1;  ///< in place of a number: the token does not count

  /// Settings of a layer, without name and trainable.
  void fields(Fields& f);
  /// Brings `options.idf_weights` to what the weights are, which a file may have set.
  void note_idf();
  /// Checks the settings and takes `vocabulary`, if it is given. Throws `Error`.
  void configure(const std::string& layer_name);
  /// The tokens that come most often, among equals those that sort last, as Keras has it, and the weights
  /// log(1 + documents / (1 + documents with the token)). Throws `Error` when there are none, or when the
  /// layer was given a vocabulary.
  void adapt(const Documents& documents, const std::string& layer_name);

  LookupOptions<Token> options = {};
  /// The tokens that were given or learnt, without mask and unknown.
  const std::vector<Token>& tokens() const { return options.vocabulary; }
  /// All that have a number, in order; the first may be mask and unknown.
  std::vector<Token> listed() const;
  int64_t first_unknown() const { return options.mask_token && options.output_mode == "int" ? 1 : 0; }
  int64_t first_token() const { return first_unknown() + options.num_oov_indices; }
  /// How long vectors are. Throws `Error` when there is no vocabulary.
  int64_t depth() const;
  /// `kMasked` where the token is left out. Throws `Error` for an unknown token when it has no number.
  int64_t number_of(const Token& token) const;
  /// The token of a number, or what stands for unknown ones.
  Token token_of(int64_t number) const;
  /// What counts are multiplied by: (depth). Undefined unless the mode is tf_idf and there is a vocabulary.
  const Parameter& idf() const { return idf_; }
  /// Throws `Error` unless there is a vocabulary.
  void need() const;

 private:
  void number_tokens();
  void set_idf(const std::vector<double>& weights, const std::string& layer_name);

  bool given_ = false;
  std::unordered_map<Token, int64_t> numbers_;
  Parameter idf_;
};

/// A layer with weights of tokens, which Keras keeps in files as "idf_weights" and does not count as weights.
class IdfLayer {
 public:
  virtual ~IdfLayer() = default;
  /// Undefined when there are none.
  virtual Parameter idf() const = 0;
};

}  // namespace folio
