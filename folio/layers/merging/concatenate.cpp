#include "folio/layers/merging/concatenate.h"

#include <algorithm>

#include "folio/base/error.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/layers/core/function.h"
#include "folio/ops/slice.h"

namespace folio {
namespace {

class ConcatenateBody final : public LayerBody {
 public:
  explicit ConcatenateBody(int64_t axis = -1) : axis_(axis) {}
  std::string class_name() const override { return "Concatenate"; }

  void build(const std::vector<Shape>& inputs) override { check(inputs); }

  Values call(const LayerCall& call, Effects&) override {
    std::vector<Shape> shapes;
    for (const Value& value : call.inputs) shapes.push_back(value.shape());
    check(shapes);
    return {folio::concatenate(call.inputs, static_cast<int>(axis_))};
  }

  // Masks are joined as the inputs are, element for element; a step of the result counts if any element does.
  Values compute_masks(const Values& inputs, const Values& masks) const override {
    if (std::none_of(masks.begin(), masks.end(), [](const Value& mask) { return mask.defined(); })) return {};
    Values parts;
    for (size_t i = 0; i < inputs.size(); ++i) {
      const Value mask = i < masks.size() ? masks[i] : Value();
      parts.push_back(!mask.defined()                  ? mask_of_all(inputs[i])
                      : mask.rank() < inputs[i].rank() ? mask_like(mask, inputs[i])
                                                       : mask);
    }
    return {any_of_last(Concatenate({.axis = axis_})(parts))};
  }

  void fields(Fields& f) override { f("axis", axis_); }

 private:
  void check(const std::vector<Shape>& inputs) const {
    if (inputs.empty()) throw Error("expects at least 1 input, got none");
    const int rank = inputs[0].rank();
    if (axis_ < -rank || axis_ >= rank)
      throw Error("axis " + std::to_string(axis_) + " does not exist in an input of " + to_string(inputs[0]) +
                  "; expected " + std::to_string(-rank) + " to " + std::to_string(rank - 1));
    const int axis = static_cast<int>(axis_);
    for (const Shape& shape : inputs)
      if (shape.rank() != rank || !compatible(shape.with(axis, 1), inputs[0].with(axis, 1)))
        throw Error("inputs of " + to_string(inputs[0]) + " and " + to_string(shape) +
                    " differ in more than dimension " + std::to_string(axis_) +
                    "; bring them to the same sizes with Flatten, Reshape, pooling or padding");
  }

  int64_t axis_;
};

}  // namespace

Concatenate::Concatenate(ConcatenateOptions options)
    : Layer(std::make_shared<ConcatenateBody>(options.axis), options) {}

std::shared_ptr<LayerBody> Concatenate::blank() { return std::make_shared<ConcatenateBody>(); }

Value concatenate(std::initializer_list<Value> values, ConcatenateOptions options) {
  return Concatenate(std::move(options))(Values(values));
}

Value concatenate(std::initializer_list<Value> values, int axis) {
  return concatenate(values, ConcatenateOptions{.axis = axis});
}

}  // namespace folio
