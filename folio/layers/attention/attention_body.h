// What Attention and AdditiveAttention share: only how they score a query against a key differs.
#pragma once
#include <cstdint>
#include <optional>

#include "folio/layers/layer.h"

namespace folio {

class AttentionBody : public LayerBody {
 public:
  AttentionBody(bool use_scale, double dropout, std::optional<int64_t> seed)
      : use_scale_(use_scale), dropout_(dropout), seed_(seed) {}

  void build(const std::vector<Shape>& inputs) final;
  Values call(const LayerCall& call, Effects& effects) final;
  CallArgumentList arguments() const final;
  /// The steps of the output are those of the query.
  bool supports_masking() const final { return true; }

 protected:
  /// Makes the weights for queries of so many features.
  virtual void build_scores(int64_t features) = 0;
  /// query: (batch, T, features), key: (batch, S, features) -> (batch, T, S)
  virtual Value scores(const Value& query, const Value& key) const = 0;
  bool use_scale() const { return use_scale_; }
  /// "use_scale", and after what is between "dropout" and "seed".
  void first_field(Fields& f);
  void last_fields(Fields& f);

 private:
  bool use_scale_;
  double dropout_;
  std::optional<int64_t> seed_;
};

}  // namespace folio
