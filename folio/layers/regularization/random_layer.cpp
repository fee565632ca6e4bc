#include "folio/layers/regularization/random_layer.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "folio/base/error.h"

namespace folio {

Values RandomLayerBody::call(const LayerCall& call, Effects& effects) {
  check(call.input().shape());
  // Counted in every mode, so that the random calls after this one keep their numbers.
  const uint32_t site = effects.random_site();
  if (!call.training) return {call.input()};
  const uint64_t seed = seed_ ? static_cast<uint64_t>(*seed_) : call.seed;
  return {disturbed(call.input(), {call.step, seed, site})};
}

Json RandomLayerBody::seed_config() const { return seed_ ? Json(*seed_) : Json(); }

void check_rate(const char* layer, double rate) {
  if (!(rate >= 0 && rate < 1))
    throw Error(fmt::format("{}: rate: expected at least 0 and below 1, got {}", layer, rate));
}

double read_random(ConfigReader& read, const char* key, std::optional<int64_t>& seed) {
  if (!read.has(key)) read.fail(key, "a number");
  if (read.has("seed")) seed = read.integer("seed");
  return read.number(key, 0);
}

}  // namespace folio
