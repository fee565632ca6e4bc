// Attention by several heads.
#pragma once
#include "folio/layers/layer.h"

namespace folio {

/// Initializers, regularizers and constraints are those of all four projections.
struct MultiHeadAttentionOptions {
  int64_t value_dim = 0;  ///< features of a head's values; 0: key_dim
  double dropout = 0;     ///< of the weights, while training; in [0, 1)
  bool use_bias = true;
  std::vector<int64_t> output_shape = {};  ///< of the output after the steps; empty: the query's features
  std::vector<int64_t> attention_axes =
      {};  ///< along which attention goes; empty: all but batch and features
  std::optional<bool> flash_attention = {};  ///< Keras' choice of a kernel; changes nothing here
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};  ///< of the four projections
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  std::optional<int64_t> seed = {};
  std::string name = {};
  bool trainable = true;
};

/// softmax(Q·Kᵀ/√key_dim)·V for each head, called on {query, value} or {query, value, key}; all three are
/// projected, and so is what the heads give together. query: (batch, T, features), value and key: (batch, S,
/// features) -> (batch, T, features or output_shape); with `return_attention_scores` the weights (batch,
/// heads, T, S) too. Arguments of the call: masks of query, value and key (they come along by themselves),
/// `attention_mask` (batch, T, S), `use_causal_mask`. (sheet G16; Vaswani 2017)
class MultiHeadAttention final : public Layer {
 public:
  MultiHeadAttention(int64_t num_heads, int64_t key_dim, MultiHeadAttentionOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
