// What layers that draw random numbers while training share.
#pragma once
#include <optional>

#include "folio/layers/common/layer_fields.h"
#include "folio/layers/common/layer_options.h"
#include "folio/layers/layer.h"

namespace folio {

/// Where the random numbers of one call come from.
struct RandomPlace {
  Value step;
  uint64_t seed = 0;
  uint32_t site = 0;
};

/// Of this call, which asks in every mode, so that the random calls after it keep their numbers. Nothing
/// unless it is training; throws `Error` when it then does not know the step. `seed`: the layer's own.
std::optional<RandomPlace> random_place(const LayerCall& call, Effects& effects, std::optional<int64_t> seed);

/// Disturbs its input while training, and passes it on otherwise; by a "rate" in [0, 1), or by a "stddev" in
/// [0, 1].
class RandomLayerBody : public LayerBody {
 public:
  RandomLayerBody(const char* amount, double value, std::optional<int64_t> seed)
      : name_(amount), amount_(value), seed_(seed) {}
  /// How much is disturbed, under the name it was given, and the seed.
  void fields(Fields& f) override;
  Values call(const LayerCall& call, Effects& effects) final;
  CallArgumentList arguments() const final { return {CallArgument::training(false)}; }

 protected:
  virtual void check(const Shape& /*input*/) const {}
  virtual Value disturbed(const Value& x, const RandomPlace& place) const = 0;
  double amount() const { return amount_; }

 private:
  const char* name_;
  double amount_;
  std::optional<int64_t> seed_;
};

}  // namespace folio
