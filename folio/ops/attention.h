// Attention as one op, which keeps no matrix of all queries and keys.
#pragma once
#include "folio/graph/op.h"

namespace folio {

struct AttentionSettings {
  double scale = 1;     ///< of the scores
  bool causal = false;  ///< query t looks at keys 0 … t
  /// What a query gets that looks at no key: zeros, or the mean of all values.
  bool zero_where_masked = false;
};

/// Masks, 1 where something counts and 0 where not, in the type of the queries; undefined: all count.
struct AttentionMasks {
  Value queries = {};  ///< (batch, T): a query that does not count looks at no key
  Value keys = {};     ///< (batch, S)
  Value pairs = {};    ///< (batch, heads, T, S), each of them or 1
};

/// softmax(scale · query · keyᵀ) · value for each head. Inputs: query (batch, T, heads, width), key (batch,
/// S, groups, width), value (batch, S, groups, value width), then the masks that there are; output (batch, T,
/// heads, value width). heads / groups neighbours share a key. (sheet G16; Dao 2022)
class AttentionOp final : public Op {
 public:
  struct Kept {
    bool queries = false, keys = false, pairs = false;
  };
  AttentionOp(AttentionSettings settings, Kept masks) : settings_(settings), masks_(masks) {}
  std::string name() const override { return "Attention"; }
  std::string attributes() const override;
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override;
  double flops(const Node& node) const override;
  const AttentionSettings& settings() const { return settings_; }
  const Kept& masks() const { return masks_; }

 private:
  AttentionSettings settings_;
  Kept masks_;
};

/// The gradients of query, key and value. Inputs: that of the output, then those of `AttentionOp`.
class AttentionGradientOp final : public Op {
 public:
  AttentionGradientOp(AttentionSettings settings, AttentionOp::Kept masks)
      : settings_(settings), masks_(masks) {}
  std::string name() const override { return "AttentionGradient"; }
  std::string attributes() const override;
  Types infer(const Types& in) const override;
  Values gradient(const GradientContext& g) const override;
  void define(const Views& in, const Views& out) const override;
  RowMap rows(const Node& node) const override;
  double flops(const Node& node) const override;
  const AttentionSettings& settings() const { return settings_; }
  const AttentionOp::Kept& masks() const { return masks_; }

 private:
  AttentionSettings settings_;
  AttentionOp::Kept masks_;
};

/// The sizes of one attention, and where things lie: what definition and kernel share.
struct AttentionSizes {
  int64_t batch, queries, keys, heads, groups, width, value_width;
  AttentionSizes(const Shape& query, const Shape& key, const Shape& value)
      : batch(query[0]),
        queries(query[1]),
        keys(key[1]),
        heads(query[2]),
        groups(key[2]),
        width(query[3]),
        value_width(value[3]) {}
};

Value attention(const Value& query, const Value& key, const Value& value, const AttentionSettings& settings,
                const AttentionMasks& masks = {});
/// The same made of products and a softmax, which keep all weights: (batch, heads, T, S). Sizes are known.
Value composed_attention(const Value& query, const Value& key, const Value& value,
                         const AttentionSettings& settings, const AttentionMasks& masks = {});

}  // namespace folio
