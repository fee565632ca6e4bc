
#include "folio/base/error.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/layers/common/pictures.h"
#include "folio/layers/reshaping/up_sampling1d.h"
#include "folio/layers/reshaping/up_sampling2d.h"
#include "folio/layers/reshaping/up_sampling3d.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/reshape.h"
#include "folio/ops/slice.h"

namespace folio {
namespace {

// The cells one further on or back along a dimension; at the border the last one again.
Value shifted(const Value& x, int axis, bool back) {
  const int64_t size = x.shape()[axis];
  if (size == 1) return x;
  const int64_t rest = size == kUnknown ? size : size - 1;
  // Where the size is unknown only shapes count: any cell will do for the last.
  const int64_t last = size == kUnknown ? 0 : size - 1;
  return back ? concatenate({slice(x, axis, 0, 1), slice(x, axis, 0, rest)}, axis)
              : concatenate({slice(x, axis, 1, rest), slice(x, axis, last, 1)}, axis);
}

// Each cell of a dimension becomes `factor` new ones: copies, or points on straight lines between the
// cells' middles.
Value enlarged(const Value& x, int axis, int64_t factor, bool bilinear) {
  if (factor == 1) return x;
  const Shape& shape = x.shape();
  const Shape apart = shape.inserted(axis + 1, 1);
  Values parts;
  for (int64_t i = 0; i < factor; ++i) {
    // Where the new cell's middle lies, counted in old cells from the old middle.
    const double offset = (static_cast<double>(i) + 0.5) / static_cast<double>(factor) - 0.5;
    const double share = offset < 0 ? -offset : offset;
    const bool between = bilinear && share > 0;
    const Value part = between ? x * (1 - share) + shifted(x, axis, offset < 0) * share : x;
    parts.push_back(reshape(part, apart));
  }
  return reshape(concatenate(parts, axis + 1), shape.with(axis, times(shape[axis], factor)));
}

class UpSamplingBody final : public LayerBody {
 public:
  UpSamplingBody(const char* class_name, size_t rank, Sizes size = 2, std::string interpolation = "nearest")
      : class_name_(class_name),
        rank_(rank),
        size_(std::move(size)),
        interpolation_(std::move(interpolation)) {}
  std::string class_name() const override { return class_name_; }
  void build(const std::vector<Shape>& inputs) override { check_cells(inputs[0], size_.size()); }

  Values call(const LayerCall& call, Effects&) override {
    check_cells(call.input().shape(), size_.size());
    Value y = call.input();
    // From the innermost direction, so that the last and largest step copies the longest runs.
    for (size_t i = size_.size(); i-- > 0;)
      y = enlarged(y, static_cast<int>(i) + 1, size_[i], interpolation_ == "bilinear");
    return {y};
  }

  void fields(Fields& f) override {
    f("size", size_,
      {.least = 1, .most = kLargest, .count = rank_, .not_empty = true, .one_as_number = rank_ == 1});
    if (rank_ > 1) data_format_field(f, data_format());
    if (rank_ == 2) f("interpolation", interpolation_, {.words = "nearest bilinear"});
  }

 private:
  // Every copy is an operand of its own.
  static constexpr double kLargest = 1024;

  const char* class_name_;
  size_t rank_;
  Sizes size_;
  std::string interpolation_;
};

}  // namespace

UpSampling1D::UpSampling1D(int64_t size, LayerOptions options)
    : Layer(std::make_shared<UpSamplingBody>("UpSampling1D", 1, size), options) {}
UpSampling2D::UpSampling2D(Sizes size, UpSampling2DOptions options)
    : Layer(std::make_shared<UpSamplingBody>("UpSampling2D", 2, size, options.interpolation), options) {}
UpSampling3D::UpSampling3D(Sizes size, UpSampling3DOptions options)
    : Layer(std::make_shared<UpSamplingBody>("UpSampling3D", 3, size), options) {}

std::shared_ptr<LayerBody> UpSampling1D::blank() {
  return std::make_shared<UpSamplingBody>("UpSampling1D", 1);
}
std::shared_ptr<LayerBody> UpSampling2D::blank() {
  return std::make_shared<UpSamplingBody>("UpSampling2D", 2);
}
std::shared_ptr<LayerBody> UpSampling3D::blank() {
  return std::make_shared<UpSamplingBody>("UpSampling3D", 3);
}

}  // namespace folio
