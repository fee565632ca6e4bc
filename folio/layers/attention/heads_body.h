// What layers of attention by heads share: four projections, and the attention between them.
#pragma once
#include "folio/layers/core/einsum_dense.h"

namespace folio {

class Fields;

/// How many heads there are and how wide they are.
struct HeadSizes {
  int64_t queries = 0;      ///< heads of queries
  int64_t keys = 0;         ///< heads of keys and values: each serves as many heads of queries
  int64_t key_width = 0;    ///< of queries and keys
  int64_t value_width = 0;  ///< of values
};

/// The settings that all of them have.
struct HeadOptions {
  double dropout = 0;
  bool use_bias = true;
  Initializer kernel_initializer = "glorot_uniform";
  Initializer bias_initializer = "zeros";
  Regularizer kernel_regularizer = {};
  Regularizer bias_regularizer = {};
  Regularizer activity_regularizer = {};
  Constraint kernel_constraint = {};
  Constraint bias_constraint = {};
  std::optional<int64_t> seed = {};

  /// Of the options of a layer.
  template <class Options>
  static HeadOptions of(const Options& o) {
    return {o.dropout,
            o.use_bias,
            o.kernel_initializer,
            o.bias_initializer,
            o.kernel_regularizer,
            o.bias_regularizer,
            o.activity_regularizer,
            o.kernel_constraint,
            o.bias_constraint,
            o.seed};
  }
};

/// What a causal self-attention remembers of the steps before: (batch, longest, heads, width).
struct HeadCache {
  Parameter keys, values;
};

class HeadsBody : public LayerBody {
 public:
  explicit HeadsBody(HeadOptions options) : options_(std::move(options)) {}

  void build(const std::vector<Shape>& inputs) final;
  Values call(const LayerCall& call, Effects& effects) final;
  CallArgumentList arguments() const final;
  /// The steps of the output are those of the query.
  bool supports_masking() const final { return true; }
  std::vector<std::pair<std::string, std::shared_ptr<LayerBody>>> children() const final;

  /// Zeros for so many examples and steps.
  HeadCache make_cache(int64_t batch, int64_t longest) const;
  /// One step of causal self-attention without dropout: x, (batch, 1, features), is step number `place`,
  /// int32 (1,). It looks at the steps in the cache before it and at itself, and adds itself to them.
  Value cached_step(const Value& x, const HeadCache& cache, const Value& place, Effects& effects);
  /// Keys and values of what is looked at, for `step_over`: (batch, steps, heads, width) each.
  std::pair<Value, Value> projected_memory(const Value& value, const Value& key, Effects& effects);
  /// One step, x, that looks at projected keys and values, of which those count that `mask` tells, (batch,
  /// steps), or all.
  Value step_over(const Value& x, const Value& keys, const Value& values, const Value& mask,
                  Effects& effects);

 protected:
  virtual HeadSizes sizes() const = 0;
  /// The sizes of the output's last dimensions, for queries of so many features.
  virtual std::vector<int64_t> output_sizes(int64_t features) const { return {features}; }
  /// The dimensions of queries and keys along which attention goes, for inputs of so many dimensions.
  virtual std::vector<int> axes(int rank) const;
  /// What stands before the names under which Keras keeps the projections.
  virtual const char* place() const { return ""; }
  const HeadOptions& options() const { return options_; }
  void dropout_field(Fields& f);
  void bias_field(Fields& f);
  /// Those of the weights, and what follows them.
  void rest_of_fields(Fields& f);

 private:
  Value projected(const Layer& layer, const Value& x, Effects& effects) const;
  double scale() const;

  HeadOptions options_;
  Layer query_, key_, value_, output_;
};

}  // namespace folio
