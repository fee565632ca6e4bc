// What layers that change pictures at random share.
#pragma once
#include <optional>
#include <string>

#include "folio/layers/common/layer_fields.h"
#include "folio/layers/layer.h"
#include "folio/layers/preprocessing/random_factor.h"
#include "folio/layers/regularization/random_layer.h"

namespace folio {

/// Changes pictures while training, and passes them on otherwise, as numbers with fractions.
class RandomPicturesBody : public LayerBody {
 public:
  explicit RandomPicturesBody(std::optional<int64_t> seed) : seed_(seed) {}
  void build(const std::vector<Shape>& inputs) override;
  Values call(const LayerCall& call, Effects& effects) final;
  CallArgumentList arguments() const final { return {CallArgument::training(true)}; }

 protected:
  virtual Value changed(const Value& x, const RandomPlace& place) const = 0;
  virtual Value unchanged(const Value& x) const { return x; }
  void seed_field(Fields& f) { f("seed", seed_); }
  /// (batch, count) from 0 to below 1.
  static Value drawn(const Value& x, const RandomPlace& place, int64_t count);
  /// One of them, (batch, 1), brought between two numbers.
  static Value between(const Value& draws, int which, double lower, double upper);

 private:
  std::optional<int64_t> seed_;
};

}  // namespace folio
