#include "folio/layers/activation/softmax.h"

#include <numeric>

#include "folio/layers/common/axes.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/ops/softmax.h"
#include "folio/ops/transpose.h"

namespace folio {
namespace {

class SoftmaxBody final : public LayerBody {
 public:
  explicit SoftmaxBody(int64_t axis = SoftmaxOptions().axis) : axis_(axis) {}
  std::string class_name() const override { return "Softmax"; }
  bool supports_masking() const override { return true; }

  Values call(const LayerCall& call, Effects&) override {
    const Value& x = call.input();
    const int axis = axis_of(axis_, x.shape()), last = x.rank() - 1;
    if (axis == last) return {softmax(x)};
    std::vector<int> order(static_cast<size_t>(x.rank()));
    std::iota(order.begin(), order.end(), 0);
    std::swap(order[static_cast<size_t>(axis)], order[static_cast<size_t>(last)]);
    return {transpose(softmax(transpose(x, order)), order)};
  }
  void fields(Fields& f) override { f("axis", axis_); }

 private:
  int64_t axis_;
};

}  // namespace

Softmax::Softmax(SoftmaxOptions options) : Layer(std::make_shared<SoftmaxBody>(options.axis), options) {}

std::shared_ptr<LayerBody> Softmax::blank() { return std::make_shared<SoftmaxBody>(); }

}  // namespace folio
