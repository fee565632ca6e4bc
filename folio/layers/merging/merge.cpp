#include "folio/layers/merging/merge.h"

#include <algorithm>

#include "folio/base/error.h"
#include "folio/layers/core/function.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

using Combine = Value (*)(const Value&, const Value&);

// What sets one merge layer apart from another.
struct Merge {
  const char* class_name;
  Combine combine;
  bool average = false;  ///< divide by the number of inputs
  size_t most = SIZE_MAX;
};
constexpr Merge kAdd{"Add", operator+ };
constexpr Merge kSubtract{"Subtract", operator-, false, 2};
constexpr Merge kMultiply{"Multiply", operator* };
constexpr Merge kAverage{"Average", operator+, true};
constexpr Merge kMaximum{"Maximum", maximum};
constexpr Merge kMinimum{"Minimum", minimum};

class MergeBody final : public LayerBody {
 public:
  explicit MergeBody(const Merge& merge) : merge_(merge) {}
  std::string class_name() const override { return merge_.class_name; }

  // A step counts if it counts in any input; as soon as one has no mask, all do.
  Values compute_masks(const Values&, const Values& masks) const override {
    Value result;
    for (const Value& mask : masks) {
      if (!mask.defined()) return {};
      result = result.defined() ? either(result, mask) : mask;
    }
    return {result};
  }

  void build(const std::vector<Shape>& inputs) override { check(inputs); }

  Values call(const LayerCall& call, Effects&) override {
    std::vector<Shape> shapes;
    int rank = 0;
    for (const Value& value : call.inputs) {
      shapes.push_back(value.shape());
      rank = std::max(rank, value.rank());
    }
    check(shapes);
    Value result;
    for (const Value& value : call.inputs) {
      const Value operand = with_rank(value, rank);
      result = result.defined() ? merge_.combine(result, operand) : operand;
    }
    return {merge_.average ? result * (1.0 / static_cast<double>(call.inputs.size())) : result};
  }

 private:
  void check(const std::vector<Shape>& inputs) const {
    const size_t count = inputs.size();
    if (count < 2 || count > merge_.most)
      throw Error(std::string("expects ") + (merge_.most == 2 ? "exactly 2" : "at least 2") +
                  " inputs, got " + std::to_string(count) + "; call it with a list: " + merge_.class_name +
                  "()({a, b})");
    for (const Shape& shape : inputs)
      if (shape.rank() == 0) throw Error("expects inputs with a batch, got a scalar");
    for (size_t i = 1; i < count; ++i) check_fit(inputs[0], inputs[i]);
  }

  // Sizes must agree or be 1, counted from the last dimension; the batch lies apart.
  static void check_fit(const Shape& a, const Shape& b) {
    bool fit = compatible({a[0]}, {b[0]}) || a[0] == 1 || b[0] == 1;
    for (int i = 1; i < std::min(a.rank(), b.rank()); ++i) {
      const int64_t x = a[-i], y = b[-i];
      fit = fit && (x == y || x == 1 || y == 1 || x == kUnknown || y == kUnknown);
    }
    if (!fit)
      throw Error(
          "inputs of " + to_string(a) + " and " + to_string(b) +
          " do not fit; their sizes must be equal or 1: bring them there with Dense, Conv2D or Reshape");
  }

  static Value with_rank(const Value& value, int rank) {
    if (value.rank() == rank) return value;
    Shape shape = value.shape();
    while (shape.rank() < rank) shape = shape.inserted(1, 1);
    return reshape(value, shape);
  }

  const Merge& merge_;
};

}  // namespace

Add::Add(LayerOptions options) : Layer(blank(), options) {}
Subtract::Subtract(LayerOptions options) : Layer(blank(), options) {}
Multiply::Multiply(LayerOptions options) : Layer(blank(), options) {}
Average::Average(LayerOptions options) : Layer(blank(), options) {}
Maximum::Maximum(LayerOptions options) : Layer(blank(), options) {}
Minimum::Minimum(LayerOptions options) : Layer(blank(), options) {}

std::shared_ptr<LayerBody> Add::blank() { return std::make_shared<MergeBody>(kAdd); }
std::shared_ptr<LayerBody> Subtract::blank() { return std::make_shared<MergeBody>(kSubtract); }
std::shared_ptr<LayerBody> Multiply::blank() { return std::make_shared<MergeBody>(kMultiply); }
std::shared_ptr<LayerBody> Average::blank() { return std::make_shared<MergeBody>(kAverage); }
std::shared_ptr<LayerBody> Maximum::blank() { return std::make_shared<MergeBody>(kMaximum); }
std::shared_ptr<LayerBody> Minimum::blank() { return std::make_shared<MergeBody>(kMinimum); }

Value add(const Values& values, LayerOptions options) { return Add(std::move(options))(values); }
Value subtract(const Values& values, LayerOptions options) { return Subtract(std::move(options))(values); }
Value multiply(const Values& values, LayerOptions options) { return Multiply(std::move(options))(values); }
Value average(const Values& values, LayerOptions options) { return Average(std::move(options))(values); }
Value maximum(const Values& values, LayerOptions options) { return Maximum(std::move(options))(values); }
Value minimum(const Values& values, LayerOptions options) { return Minimum(std::move(options))(values); }

}  // namespace folio
