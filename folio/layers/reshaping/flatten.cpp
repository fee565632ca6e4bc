#include "folio/layers/reshaping/flatten.h"

#include "folio/base/error.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

class FlattenBody final : public LayerBody {
 public:
  std::string class_name() const override { return "Flatten"; }
  void build(const std::vector<Shape>& inputs) override {
    if (inputs[0].rank() == 0) throw Error("expects a batch, got a scalar; give Input a shape");
  }
  Values call(const LayerCall& call, Effects&) override {
    const Shape features = call.input().shape().from(1);
    if (features.known()) features.count();  // throws when there are more than can be counted
    return {flatten(call.input())};
  }
  void fields(Fields& f) override { data_format_field(f, data_format()); }
};

}  // namespace

Flatten::Flatten(FlattenOptions options) : Layer(blank(), options) {}

std::shared_ptr<LayerBody> Flatten::blank() { return std::make_shared<FlattenBody>(); }

}  // namespace folio
