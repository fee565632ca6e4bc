#include "folio/layers/merging/dot.h"

#include <fmt/format.h>

#include <array>

#include "folio/base/error.h"
#include "folio/layers/common/axes.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/layers/normalization/unit_normalization.h"
#include "folio/ops/matmul.h"
#include "folio/ops/reshape.h"
#include "folio/ops/transpose.h"

namespace folio {
namespace {

/// An input as one matrix for each example.
struct Matrices {
  Value value;      ///< (batch, …others as one, n), or (batch, n, others) when `transposed`
  bool transposed;  ///< the dimension to be summed away lies in front
  Shape others;     ///< the dimensions that are left
};

Matrices matrices_of(Value x, int axis) {
  const Shape shape = x.shape();
  const Shape others = shape.without(axis).from(1);
  const bool in_front = axis == 1 && shape.rank() > 2;
  if (!in_front && axis != shape.rank() - 1) {
    std::vector<int> order;
    for (int i = 0; i < shape.rank(); ++i)
      if (i != axis) order.push_back(i);
    order.push_back(axis);
    x = transpose(x, order);
  }
  if (shape.rank() == 3) return {x, in_front, others};
  const int64_t rest = others.known() ? others.count() : kUnknown;
  const Shape matrix = in_front ? Shape{shape[0], shape[axis], rest} : Shape{shape[0], rest, shape[axis]};
  return {reshape(x, matrix), in_front, others};
}

class DotBody final : public LayerBody {
 public:
  explicit DotBody(DotAxes axes = 0, bool normalize = false)
      : axes_(std::move(axes)), normalize_(normalize) {}
  std::string class_name() const override { return "Dot"; }

  void build(const std::vector<Shape>& inputs) override { places(inputs); }

  Values call(const LayerCall& call, Effects&) override {
    std::vector<Shape> shapes;
    for (const Value& value : call.inputs) shapes.push_back(value.shape());
    const auto [first, second] = places(shapes);
    const Matrices a = matrices_of(normalize_ ? unit_length(call.input(), {first}) : call.input(), first);
    const Matrices b =
        matrices_of(normalize_ ? unit_length(call.inputs[1], {second}) : call.inputs[1], second);
    const Value product = matmul(a.value, b.value, a.transposed, !b.transposed);
    Shape result = Shape{product.shape()[0]}.joined(a.others).joined(b.others);
    if (result.rank() == 1) result = result.joined({1});
    return {product.shape() == result ? product : reshape(product, result)};
  }

  void fields(Fields& f) override {
    f("axes", static_cast<std::vector<int64_t>&>(axes_), {.required = true, .one_as_number = true});
    f("normalize", normalize_);
  }
  void configured() override {
    if (axes_.empty() || axes_.size() > 2)
      throw Error(
          fmt::format("axes: expected a whole number or a list of 2, got a list of {}", axes_.size()));
  }

 private:
  std::array<int, 2> places(const std::vector<Shape>& inputs) const {
    if (inputs.size() != 2)
      throw Error(fmt::format("expects exactly 2 inputs, got {}; call it with a list: Dot(1)({{a, b}})",
                              inputs.size()));
    const std::array<int, 2> at = {axis_of(axes_.front(), inputs[0]), axis_of(axes_.back(), inputs[1])};
    const int64_t a = inputs[0][at[0]], b = inputs[1][at[1]];
    if (a != b && a != kUnknown && b != kUnknown)
      throw Error(
          fmt::format("dimension {} of {} and dimension {} of {} differ; axes must name dimensions of "
                      "the same size",
                      at[0], to_string(inputs[0]), at[1], to_string(inputs[1])));
    return at;
  }

  DotAxes axes_;
  bool normalize_;
};

}  // namespace

Dot::Dot(DotAxes axes, DotOptions options)
    : Layer(std::make_shared<DotBody>(std::move(axes), options.normalize), options) {}

std::shared_ptr<LayerBody> Dot::blank() { return std::make_shared<DotBody>(); }

}  // namespace folio
