// Whole numbers of a vocabulary as places in it or vectors, and back.
#pragma once
#include "folio/layers/preprocessing/vocabulary.h"

namespace folio {

using IntegerLookupOptions = LookupOptions<int64_t>;

/// Keras' IntegerLookup. Numbers: mask_token, if there is one and the mode is int, then num_oov_indices for
/// unknown ones (the rest of the division by how many), then the vocabulary. x: whole numbers (batch, n) ->
/// int: int32 (batch, n), or int64 of the vocabulary where it inverts; one_hot: (batch, n, depth), without
/// the n where it is 1; multi_hot, count, tf_idf: (batch, depth). Where num_oov_indices is 0, an unknown
/// number gives -1, of which an Embedding makes NaN: the mistake shows.
class IntegerLookup final : public Layer {
 public:
  explicit IntegerLookup(IntegerLookupOptions options = {});
  static std::shared_ptr<LayerBody> blank();
  /// Learns the vocabulary; every row of `data` is a document.
  void adapt(const Tensor& data) const;
  /// All that have a number, in order.
  std::vector<int64_t> get_vocabulary() const;
};

}  // namespace folio
