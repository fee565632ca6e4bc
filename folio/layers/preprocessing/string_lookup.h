// Words of a vocabulary as numbers or vectors, and back.
#pragma once
#include "folio/layers/preprocessing/text_input.h"
#include "folio/layers/preprocessing/vocabulary.h"

namespace folio {

using StringLookupOptions = LookupOptions<std::string>;

/// Keras' StringLookup. Numbers: mask_token, if there is one and the mode is int, then num_oov_indices for
/// unknown words (by their FarmHash where there are several), then the vocabulary. It works before the model
/// does (text_input.h). texts (batch, n) -> int: int32 (batch, n); one_hot: (batch, n, depth), without the n
/// where it is 1; multi_hot, count, tf_idf: (batch, depth).
class StringLookup final : public Layer {
 public:
  explicit StringLookup(StringLookupOptions options = {});
  static std::shared_ptr<LayerBody> blank();
  /// Learns the vocabulary; every text is a document of its own.
  void adapt(const std::vector<std::string>& texts) const;
  /// Rows for the model, of `width` texts each.
  Tensor transform(const std::vector<std::string>& texts) const;
  /// The texts of numbers, for layers that invert.
  std::vector<std::string> words(const Tensor& numbers) const;
  /// All that have a number, in order.
  std::vector<std::string> get_vocabulary() const;
  /// What a model begins with, to be followed by this layer: rows of so many texts.
  Value begin(int64_t width = 1, const std::string& name = "") const;
};

class StringLookupBody final : public TextInputBody, public IdfLayer {
 public:
  explicit StringLookupBody(StringLookupOptions options = {});
  std::string class_name() const override { return "StringLookup"; }
  Tensor transform(const std::vector<std::string>& texts) const override;
  TensorType numbers() const override;
  Values call(const LayerCall& call, Effects& effects) override;
  void fields(Fields& f) override;
  void configured() override;
  Parameter idf() const override { return vocabulary_.idf(); }
  Vocabulary<std::string>& vocabulary_of_texts() { return vocabulary_; }
  const Vocabulary<std::string>& vocabulary_of_texts() const { return vocabulary_; }

 private:
  Vocabulary<std::string> vocabulary_;
};

/// What becomes of the numbers of a row in the modes that count: `depth` floats behind each other, zeros
/// before.
void count_tokens(const Vocabulary<std::string>& vocabulary, const std::vector<int64_t>& numbers, float* row);

}  // namespace folio
