#include "folio/layers/reshaping/reshape.h"

#include <algorithm>

#include "folio/base/error.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

class ReshapeBody final : public LayerBody {
 public:
  explicit ReshapeBody(const Shape& target = {}) : target_(target.begin(), target.end()) {}
  std::string class_name() const override { return "Reshape"; }

  Values call(const LayerCall& call, Effects&) override {
    const Shape& from = call.input().shape();
    if (from.rank() == 0) throw Error("expects a batch, got a scalar; give Input a shape");
    const Shape features = from.from(1);
    return {
        reshape(call.input(), Shape{from[0]}.joined(features.known() ? filled(features) : Shape(target_)))};
  }

  void fields(Fields& f) override { f("target_shape", target_, {.required = true}); }
  void configured() override {
    const bool sizes_fit =
        std::all_of(target_.begin(), target_.end(), [](int64_t n) { return n >= 1 || n == kUnknown; });
    if (!sizes_fit || std::count(target_.begin(), target_.end(), kUnknown) > 1)
      throw Error("target_shape: expected sizes of at least 1, and -1 for at most one of them, got " +
                  listed(target_));
  }

 private:
  // The target with its open size filled in.
  Shape filled(const Shape& features) const {
    Shape result(target_);
    int open = -1;
    for (int i = 0; i < result.rank(); ++i)
      if (result[i] == kUnknown) open = i, result[i] = 1;
    const int64_t count = features.count(), rest = result.count();
    if (open >= 0 ? count % rest != 0 : count != rest)
      throw Error("the " + std::to_string(count) + " features of an input " + to_string(features) +
                  " do not fit " + listed(target_) + "; choose sizes whose product is " +
                  std::to_string(count));
    if (open >= 0) result[open] = count / rest;
    return result;
  }

  static std::string listed(const std::vector<int64_t>& shape) {
    std::string text;
    for (int64_t n : shape) text += (text.empty() ? "(" : ", ") + std::to_string(n);
    return text.empty() ? "()" : text + ")";
  }

  std::vector<int64_t> target_;
};

}  // namespace

Reshape::Reshape(Shape target_shape, LayerOptions options)
    : Layer(std::make_shared<ReshapeBody>(target_shape), options) {}

std::shared_ptr<LayerBody> Reshape::blank() { return std::make_shared<ReshapeBody>(); }

}  // namespace folio
