#include <limits>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/config.h"
#include "folio/layers/common/data_format.h"
#include "folio/layers/common/pictures.h"
#include "folio/layers/reshaping/cropping1d.h"
#include "folio/layers/reshaping/cropping2d.h"
#include "folio/layers/reshaping/cropping3d.h"
#include "folio/layers/reshaping/zero_padding1d.h"
#include "folio/layers/reshaping/zero_padding2d.h"
#include "folio/layers/reshaping/zero_padding3d.h"
#include "folio/ops/slice.h"

namespace folio {
namespace {

// Cells before and after, in each direction.
using Sides = std::vector<Pair>;
Sides sides_of(const Pair& ends) { return {ends}; }
Sides sides_of(const PictureSides& s) { return {s.vertical, s.horizontal}; }
Sides sides_of(const VolumeSides& s) { return {s.depth, s.vertical, s.horizontal}; }

class BorderBody : public LayerBody {
 public:
  BorderBody(const char* class_name, const char* key, Sides sides)
      : class_name_(class_name), key_(key), sides_(std::move(sides)) {
    for (const Pair& side : sides_)
      for (int64_t cells : {side.vertical, side.horizontal})
        if (cells < 0 || cells > std::numeric_limits<int32_t>::max())
          throw Error(std::string(class_name) + ": " + key +
                      ": expected at least 0 and at most 2147483647, got " + std::to_string(cells));
  }
  std::string class_name() const override { return class_name_; }
  void build(const std::vector<Shape>& inputs) override { check_cells(inputs[0], sides_.size()); }

  Json config() const override {
    Json listed = Json::array();
    for (const Pair& side : sides_) listed.push_back(config_of(side));
    // Keras 3.0 knows no other order of dimensions where there is one direction only.
    if (sides_.size() == 1) return {{key_, listed[0]}};
    return {{key_, listed}, {"data_format", DataFormat::name()}};
  }

 protected:
  const Sides& sides() const { return sides_; }

 private:
  const char *class_name_, *key_;
  Sides sides_;
};

class ZeroPaddingBody final : public BorderBody {
 public:
  ZeroPaddingBody(const char* class_name, Sides sides)
      : BorderBody(class_name, "padding", std::move(sides)) {}
  Values call(const LayerCall& call, Effects&) override {
    check_cells(call.input().shape(), sides().size());
    std::vector<int64_t> before{0}, after{0};
    for (const Pair& side : sides()) before.push_back(side.vertical), after.push_back(side.horizontal);
    before.push_back(0), after.push_back(0);
    return {pad(call.input(), before, after)};
  }
};

class CroppingBody final : public BorderBody {
 public:
  CroppingBody(const char* class_name, Sides sides) : BorderBody(class_name, "cropping", std::move(sides)) {}
  Values call(const LayerCall& call, Effects&) override {
    check_cells(call.input().shape(), sides().size());
    Value y = call.input();
    for (size_t i = 0; i < sides().size(); ++i) y = cropped(y, static_cast<int>(i) + 1, sides()[i]);
    return {y};
  }

 private:
  static Value cropped(const Value& x, int axis, const Pair& side) {
    const int64_t size = x.shape()[axis], first = side.vertical, last = side.horizontal;
    if (size != kUnknown && size <= first + last)
      throw Error("cutting off " + std::to_string(first) + " and " + std::to_string(last) +
                  " cells leaves nothing of dimension " + std::to_string(axis) + " of " +
                  to_string(x.shape()) + "; give a smaller cropping");
    if (first + last == 0) return x;
    return slice(x, axis, first, size == kUnknown ? kUnknown : size - first - last);
  }
};

constexpr const char* kExpected[] = {
    "a whole number or a list of 2", "a whole number, a list of 2, or [[top, bottom], [left, right]]",
    "a whole number, a list of 3, or [[front, back], [top, bottom], [left, right]]"};

// Keras takes one number, a number for each direction, and a list of pairs; for a single direction one pair.
Sides read_sides(const Json& config, const std::string& place, const char* key, size_t rank,
                 int64_t otherwise) {
  ConfigReader read(config, place);
  const Json& value = read.raw(key);
  const char* expected = kExpected[rank - 1];
  const auto pair = [&](const Json& item) -> Pair {
    if (item.is_number_integer()) return item.get<int64_t>();
    if (!item.is_array() || item.size() != 2 || !item[0].is_number_integer() || !item[1].is_number_integer())
      read.fail(key, expected);
    return {item[0].get<int64_t>(), item[1].get<int64_t>()};
  };
  Sides sides(rank, otherwise);
  if (!value.is_null()) {
    if (rank > 1 && value.is_array() && value.size() != rank) read.fail(key, expected);
    const bool listed = rank > 1 && value.is_array();
    for (size_t i = 0; i < rank; ++i) sides[i] = pair(listed ? value[i] : value);
  }
  DataFormat::from_config(read);
  read.finish();
  return sides;
}

template <class Body>
Layer read_layer(const char* class_name, const char* key, size_t rank, int64_t otherwise, const Json& config,
                 const std::string& name, const std::string& place) {
  return Layer(make_body<Body>(name, true, class_name, read_sides(config, place, key, rank, otherwise)));
}

}  // namespace

ZeroPadding1D::ZeroPadding1D(Pair padding, LayerOptions options) {
  body_ = make_body<ZeroPaddingBody>(options.name, options.trainable, "ZeroPadding1D", sides_of(padding));
}
ZeroPadding2D::ZeroPadding2D(PictureSides padding, ZeroPadding2DOptions options) {
  body_ = make_body<ZeroPaddingBody>(options.name, options.trainable, "ZeroPadding2D", sides_of(padding));
}
ZeroPadding3D::ZeroPadding3D(VolumeSides padding, ZeroPadding3DOptions options) {
  body_ = make_body<ZeroPaddingBody>(options.name, options.trainable, "ZeroPadding3D", sides_of(padding));
}
Cropping1D::Cropping1D(Pair cropping, LayerOptions options) {
  body_ = make_body<CroppingBody>(options.name, options.trainable, "Cropping1D", sides_of(cropping));
}
Cropping2D::Cropping2D(PictureSides cropping, Cropping2DOptions options) {
  body_ = make_body<CroppingBody>(options.name, options.trainable, "Cropping2D", sides_of(cropping));
}
Cropping3D::Cropping3D(VolumeSides cropping, Cropping3DOptions options) {
  body_ = make_body<CroppingBody>(options.name, options.trainable, "Cropping3D", sides_of(cropping));
}

Layer ZeroPadding1D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_layer<ZeroPaddingBody>("ZeroPadding1D", "padding", 1, 1, config, name, place);
}
Layer ZeroPadding2D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_layer<ZeroPaddingBody>("ZeroPadding2D", "padding", 2, 1, config, name, place);
}
Layer ZeroPadding3D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_layer<ZeroPaddingBody>("ZeroPadding3D", "padding", 3, 1, config, name, place);
}
Layer Cropping1D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_layer<CroppingBody>("Cropping1D", "cropping", 1, 1, config, name, place);
}
Layer Cropping2D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_layer<CroppingBody>("Cropping2D", "cropping", 2, 0, config, name, place);
}
Layer Cropping3D::from_config(const Json& config, const std::string& name, const std::string& place) {
  return read_layer<CroppingBody>("Cropping3D", "cropping", 3, 1, config, name, place);
}

}  // namespace folio
