// Texts as numbers of words, or as vectors of how often each comes.
#pragma once
#include "folio/layers/preprocessing/string_lookup.h"

namespace folio {

/// Settings by Keras' names.
struct TextVectorizationOptions {
  int64_t max_tokens = 0;  ///< how many numbers there are at most, with padding and unknown; 0: no bound
  /// Or lower, strip_punctuation; nothing: texts stay. Only A to Z are lowered, only ASCII's punctuation
  /// goes.
  std::optional<std::string> standardize = "lower_and_strip_punctuation";
  std::optional<std::string> split = "whitespace";  ///< or character; nothing: a text is a token
  std::vector<int64_t> ngrams = {};                 ///< runs of so many tokens, {1, 2}, instead of tokens
  std::string output_mode = "int";                  ///< or multi_hot, count, tf_idf
  int64_t output_sequence_length = 0;               ///< of rows of numbers; 0: as long as the longest
  bool pad_to_max_tokens = false;
  std::vector<std::string> vocabulary = {};  ///< instead of `adapt`
  std::vector<double> idf_weights = {};      ///< of tf_idf: one for each entry of `vocabulary`
  std::string name = {};
  bool trainable = true;
};

/// Keras' TextVectorization: texts are standardized, split and looked up. Numbers: 0 fills rows up, 1 stands
/// for unknown tokens, then the vocabulary; in the modes that count there is no 0 and unknown is first. It
/// works before the model does (text_input.h). texts (batch, 1) -> int: int32 (batch, length), cut and padded
/// at the end; multi_hot, count, tf_idf: (batch, depth).
class TextVectorization final : public Layer {
 public:
  explicit TextVectorization(TextVectorizationOptions options = {});
  static std::shared_ptr<LayerBody> blank();
  /// Learns the vocabulary: by how often tokens come, among equals those that sort last.
  void adapt(const std::vector<std::string>& texts) const;
  /// Rows for the model.
  Tensor transform(const std::vector<std::string>& texts) const;
  /// All that have a number, in order.
  std::vector<std::string> get_vocabulary() const;
  /// What a model begins with, to be followed by this layer: Sequential({t.begin(), t, Embedding(…)}).
  Value begin(const std::string& name = "") const;
};

}  // namespace folio
