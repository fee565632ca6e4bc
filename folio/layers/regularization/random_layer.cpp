#include "folio/layers/regularization/random_layer.h"

namespace folio {

Values RandomLayerBody::call(const LayerCall& call, Effects& effects) {
  check(call.input().shape());
  // Counted in every mode, so that the random calls after this one keep their numbers.
  const uint32_t site = effects.random_site();
  if (!call.training) return {call.input()};
  if (!call.step.defined())
    throw Error(
        "needs the number of the step while training; trace the model with .step, an optimizer's "
        "iterations() for example");
  const uint64_t seed = seed_ ? static_cast<uint64_t>(*seed_) : call.seed;
  return {disturbed(call.input(), {call.step, seed, site})};
}

void RandomLayerBody::fields(Fields& f) {
  if (std::string(name_) == "rate")
    f(name_, amount_, {.required = true, .least = 0, .below = 1});
  else
    f(name_, amount_, {.required = true, .least = 0, .most = 1});
  f("seed", seed_);
}

}  // namespace folio
