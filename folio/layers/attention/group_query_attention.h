// Attention by heads of queries that share heads of keys.
#pragma once
#include "folio/layers/layer.h"

namespace folio {

/// Initializers, regularizers and constraints are those of all four projections.
struct GroupQueryAttentionOptions {
  double dropout = 0;  ///< of the weights, while training; in [0, 1)
  bool use_bias = true;
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

/// As `MultiHeadAttention`, with fewer heads of keys and values than of queries: num_query_heads must be a
/// multiple of num_key_value_heads, and neighbours share one. (Ainslie 2023)
class GroupQueryAttention final : public Layer {
 public:
  GroupQueryAttention(int64_t head_dim, int64_t num_query_heads, int64_t num_key_value_heads,
                      GroupQueryAttentionOptions options = {});
  static std::shared_ptr<LayerBody> blank();
};

}  // namespace folio
