// Attention between projected queries, keys and values.
#pragma once
#include <optional>
#include <vector>

#include "folio/layers/attention/attention_masks.h"
#include "folio/layers/regularization/random_layer.h"

namespace folio {

struct HeadAttention {
  Value query;                 ///< (batch, …, heads, width)
  Value key;                   ///< (batch, …, heads or fewer that divide them, width)
  Value value;                 ///< the same, of its own width
  std::vector<int> axes = {};  ///< along which attention goes
  HeadMasks masks = {};
  bool scores_wanted = false;
  double dropout = 0;
  std::optional<RandomPlace> place = {};  ///< where weights are set to 0 at random, if they are
};

struct Attended {
  Value output;  ///< as the query, of the value's width
  Value scores;  ///< (batch, …, heads, queries, keys), before dropout; defined when they are wanted
};

/// softmax(query · keyᵀ / √width) · value for each head. A query that looks at nothing gets what Keras gives
/// it: the mean of all values, and zeros where it computes scores (when they are wanted, with dropout, or
/// with further dimensions).
Attended attend(const HeadAttention& attention);

}  // namespace folio
