#include "folio/layers/reshaping/repeat_vector.h"

#include "folio/base/error.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

class RepeatVectorBody final : public LayerBody {
 public:
  explicit RepeatVectorBody(int64_t n = 0) : n_(n) {}
  std::string class_name() const override { return "RepeatVector"; }

  Values call(const LayerCall& call, Effects&) override {
    const Shape& shape = call.input().shape();
    if (shape.rank() != 2)
      throw Error("expects 2 dimensions (batch, features), got " + to_string(shape) +
                  "; add Flatten before it");
    const Shape step = shape.inserted(1, 1);
    return {broadcast_to(reshape(call.input(), step), step.with(1, n_))};
  }

  void fields(Fields& f) override { f("n", n_, {.required = true, .least = 1}); }

 private:
  int64_t n_;
};

}  // namespace

RepeatVector::RepeatVector(int64_t n, LayerOptions options)
    : Layer(std::make_shared<RepeatVectorBody>(n), options) {}

std::shared_ptr<LayerBody> RepeatVector::blank() { return std::make_shared<RepeatVectorBody>(); }

}  // namespace folio
