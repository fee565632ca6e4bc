#include "folio/layers/regularization/random_layer.h"

namespace folio {

std::optional<RandomPlace> random_place(const LayerCall& call, Effects& effects,
                                        std::optional<int64_t> seed) {
  const uint32_t site = effects.random_site();
  if (!call.training) return {};
  if (!call.step.defined())
    throw Error(
        "needs the number of the step while training; trace the model with .step, an optimizer's "
        "iterations() for example");
  return RandomPlace{call.step, seed ? static_cast<uint64_t>(*seed) : call.seed, site};
}

Values RandomLayerBody::call(const LayerCall& call, Effects& effects) {
  check(call.input().shape());
  const std::optional<RandomPlace> place = random_place(call, effects, seed_);
  return {place ? disturbed(call.input(), *place) : call.input()};
}

void RandomLayerBody::fields(Fields& f) {
  if (std::string(name_) == "rate")
    f(name_, amount_, {.required = true, .least = 0, .below = 1});
  else
    f(name_, amount_, {.required = true, .least = 0, .most = 1});
  f("seed", seed_);
}

}  // namespace folio
