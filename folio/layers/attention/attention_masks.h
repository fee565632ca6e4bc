// Masks of attention: which queries look at which keys.
#pragma once
#include "folio/layers/layer.h"

namespace folio {

/// 1 where the mask is not 0, in a floating-point type; undefined stays undefined.
Value truth_of(const Value& mask, DType type);
/// 1 where both are; the mask that is there when the other is undefined.
Value both(const Value& a, const Value& b);
/// (batch, T) -> (batch, T, 1): queries that count.
Value mask_of_queries(const Value& mask, DType type);
/// (batch, S) -> (batch, 1, S): keys that count.
Value mask_of_keys(const Value& mask, DType type);
/// (1, T, S), query t looks at keys 0 … t; undefined while T or S is unknown. query: (batch, T, …), key:
/// (batch, S, …)
Value causal_mask(const Value& query, const Value& key, DType type);

/// The masks of a call of attention by heads, as they were given; undefined where there is none.
struct HeadMasks {
  Value queries = {};    ///< (batch, T)
  Value values = {};     ///< (batch, S)
  Value keys = {};       ///< (batch, S)
  Value attention = {};  ///< (batch, T, S); more dimensions in the middle are heads
  bool causal = false;

  /// Those of query, value and key, "attention_mask" and "use_causal_mask".
  static HeadMasks of(const LayerCall& call);
  /// All as one: (batch, T, S) or of the attention mask's dimensions; undefined when there is none. query:
  /// (batch, T, …), key: (batch, S, …)
  Value merged(const Value& query, const Value& key) const;
};

/// A mask for scores of rank `rank`, of which the last `steps` dimensions are queries and keys: dimensions of
/// 1 stand for heads.
Value mask_for_scores(const Value& mask, int rank, int steps);

}  // namespace folio
