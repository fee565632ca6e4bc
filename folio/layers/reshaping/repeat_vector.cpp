#include "folio/layers/reshaping/repeat_vector.h"

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/config.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

class RepeatVectorBody final : public LayerBody {
 public:
  explicit RepeatVectorBody(int64_t n) : n_(n) {
    if (n < 1) throw Error("RepeatVector: n: expected at least 1, got " + std::to_string(n));
  }
  std::string class_name() const override { return "RepeatVector"; }

  Values call(const LayerCall& call, Effects&) override {
    const Shape& shape = call.input().shape();
    if (shape.rank() != 2)
      throw Error("expects 2 dimensions (batch, features), got " + to_string(shape) +
                  "; add Flatten before it");
    const Shape step = shape.inserted(1, 1);
    return {broadcast_to(reshape(call.input(), step), step.with(1, n_))};
  }

  Json config() const override { return {{"n", n_}}; }

 private:
  int64_t n_;
};

}  // namespace

RepeatVector::RepeatVector(int64_t n, LayerOptions options) {
  body_ = make_body<RepeatVectorBody>(options.name, options.trainable, n);
}

Layer RepeatVector::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  const int64_t n = read.integer("n");
  read.finish();
  return RepeatVector(n, {.name = name});
}

}  // namespace folio
