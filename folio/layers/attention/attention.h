// Attention by products of queries and keys.
#pragma once
#include <optional>

#include "folio/layers/layer.h"

namespace folio {

struct AttentionOptions {
  bool use_scale = false;          ///< scores times a number that is learnt
  std::string score_mode = "dot";  ///< or "concat": a sum of tanh(query + key)
  double dropout = 0;              ///< of the weights, while training; in [0, 1)
  std::optional<int64_t> seed = {};
  std::string name = {};
  bool trainable = true;
};

/// softmax(query · keyᵀ) · value, called on {query, value} or {query, value, key}; without a key the value is
/// both. query: (batch, T, features), value: (batch, S, width), key: (batch, S, features) -> (batch, T,
/// width), and with `return_attention_scores` the weights (batch, T, S). Arguments of the call: a mask for
/// query and value, `use_causal_mask`. Masked queries give 0. Nothing is divided by √features, as in Keras.
/// (sheet G15; Luong 2015)
class Attention final : public Layer {
 public:
  explicit Attention(AttentionOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
