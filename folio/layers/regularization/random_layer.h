// What layers that draw random numbers while training share.
#pragma once
#include <optional>

#include "folio/layers/common/config.h"
#include "folio/layers/common/layer_options.h"
#include "folio/layers/layer.h"

namespace folio {

/// Where the random numbers of one call come from.
struct RandomPlace {
  Value step;
  uint64_t seed = 0;
  uint32_t site = 0;
};

/// Disturbs its input while training, and passes it on otherwise.
class RandomLayerBody : public LayerBody {
 public:
  explicit RandomLayerBody(std::optional<int64_t> seed) : seed_(seed) {}
  Values call(const LayerCall& call, Effects& effects) final;
  CallArgumentList arguments() const final { return {CallArgument::training(false)}; }

 protected:
  virtual void check(const Shape& /*input*/) const {}
  virtual Value disturbed(const Value& x, const RandomPlace& place) const = 0;
  Json seed_config() const;

 private:
  std::optional<int64_t> seed_;
};

/// Throws `Error` unless rate is in [0, 1).
void check_rate(const char* layer, double rate);
/// The required entry `key` and the entry "seed".
double read_random(ConfigReader& read, const char* key, std::optional<int64_t>& seed);

}  // namespace folio
