#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/config.h"
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
  UpSamplingBody(const char* class_name, Sizes size, std::string interpolation)
      : class_name_(class_name), size_(std::move(size)), interpolation_(std::move(interpolation)) {
    check_sizes(class_name, "size", size_);
    for (int64_t factor : size_)
      if (factor > kLargest)
        throw Error(class_name_ + ": size: expected at most " + std::to_string(kLargest) + ", got " +
                    std::to_string(factor));
    if (interpolation_ != "nearest" && interpolation_ != "bilinear")
      throw Error(class_name_ + ": interpolation: expected \"nearest\" or \"bilinear\", got \"" +
                  interpolation_ + "\"");
  }
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

  Json config() const override {
    if (size_.size() == 1) return {{"size", size_[0]}};
    Json config = {{"size", size_}, {"data_format", DataFormat::name()}};
    if (size_.size() == 2) config["interpolation"] = interpolation_;
    return config;
  }

 private:
  // Every copy is an operand of its own.
  static constexpr int64_t kLargest = 1024;

  std::string class_name_;
  Sizes size_;
  std::string interpolation_;
};

Layer read_up_sampling(const char* class_name, size_t rank, const Json& config, const std::string& name,
                       const std::string& place) {
  ConfigReader read(config, place);
  Sizes size = rank == 1 ? Sizes{read.integer("size", 2)} : read_sizes(read, "size", rank, Sizes(rank, 2));
  if (rank > 1) DataFormat::from_config(read);
  std::string interpolation = rank == 2 ? read.text("interpolation", "nearest") : "nearest";
  read.finish();
  return Layer(make_body<UpSamplingBody>(name, true, class_name, std::move(size), std::move(interpolation)));
}

}  // namespace

UpSampling1D::UpSampling1D(int64_t size, LayerOptions options) {
  body_ =
      make_body<UpSamplingBody>(options.name, options.trainable, "UpSampling1D", sizes_of(size), "nearest");
}
UpSampling2D::UpSampling2D(Pair size, UpSampling2DOptions options) {
  body_ = make_body<UpSamplingBody>(options.name, options.trainable, "UpSampling2D", sizes_of(size),
                                    options.interpolation);
}
UpSampling3D::UpSampling3D(Triple size, UpSampling3DOptions options) {
  body_ =
      make_body<UpSamplingBody>(options.name, options.trainable, "UpSampling3D", sizes_of(size), "nearest");
}

Layer UpSampling1D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_up_sampling("UpSampling1D", 1, config, name, place);
}
Layer UpSampling2D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_up_sampling("UpSampling2D", 2, config, name, place);
}
Layer UpSampling3D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_up_sampling("UpSampling3D", 3, config, name, place);
}

}  // namespace folio
