#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/layer_fields.h"
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

// Keras takes one number, a number for each direction, and a list of pairs; for a single direction one pair.
struct SidesField {
  static constexpr const char* kExpected[] = {
      "a whole number or a list of 2", "a whole number, a list of 2, or [[top, bottom], [left, right]]",
      "a whole number, a list of 3, or [[front, back], [top, bottom], [left, right]]"};
  static Ends ends(const Json& item, const Json& all, size_t directions) {
    if (item.is_number_integer()) return item.get<int64_t>();
    if (!item.is_array() || item.size() != 2 || !item[0].is_number_integer() || !item[1].is_number_integer())
      unexpected(kExpected[directions - 1], all);
    return {item[0].get<int64_t>(), item[1].get<int64_t>()};
  }
  static void read(const Json& json, void* value, const FieldRules& rules) {
    auto& sides = *static_cast<Sides*>(value);
    const bool listed = rules.count > 1 && json.is_array();
    if (listed && json.size() != rules.count) unexpected(kExpected[rules.count - 1], json);
    sides.assign(1, ends(listed ? json[0] : json, json, rules.count));
    for (size_t i = 1; listed && i < rules.count; ++i) sides.push_back(ends(json[i], json, rules.count));
  }
  static void write(Json& json, const void* value, const FieldRules& rules) {
    Json listed = Json::array();
    for (const Ends& side : *static_cast<const Sides*>(value))
      listed.push_back(Json::array({side.before, side.after}));
    json = rules.count == 1 && listed.size() == 1 ? listed[0] : listed;
  }
  static void check(void* value, const FieldRules& rules) {
    auto& sides = *static_cast<Sides*>(value);
    if (sides.size() == 1) sides.resize(rules.count, sides[0]);
    if (sides.size() != rules.count)
      throw Error("expected the sides of " + std::to_string(rules.count) + " directions, got " +
                  std::to_string(sides.size()));
    for (Ends& side : sides)
      for (int64_t* cells : {&side.before, &side.after}) check_value(*cells, rules);
  }
};
constexpr FieldType kSides = {SidesField::read, SidesField::write, SidesField::check};

class BorderBody : public LayerBody {
 public:
  BorderBody(const char* class_name, const char* key, size_t rank, Sides sides)
      : class_name_(class_name), key_(key), rank_(rank), sides_(std::move(sides)) {}
  std::string class_name() const override { return class_name_; }
  void build(const std::vector<Shape>& inputs) override { check_cells(inputs[0], sides_.size()); }

  void fields(Fields& f) override {
    f.visit({key_, &sides_, kSides, {.least = 0, .most = kLargestSize, .count = rank_}});
    // Keras 3.0 knows no other order of dimensions where there is one direction only.
    data_format_field(f, data_format(), rank_ == 1);
  }

 protected:
  const Sides& sides() const { return sides_; }

 private:
  const char *class_name_, *key_;
  size_t rank_;
  Sides sides_;
};

class ZeroPaddingBody final : public BorderBody {
 public:
  ZeroPaddingBody(const char* class_name, size_t rank, Sides sides = 1)
      : BorderBody(class_name, "padding", rank, std::move(sides)) {}
  Values call(const LayerCall& call, Effects&) override {
    check_cells(call.input().shape(), sides().size());
    std::vector<int64_t> before{0}, after{0};
    for (const Ends& side : sides()) before.push_back(side.before), after.push_back(side.after);
    before.push_back(0), after.push_back(0);
    return {pad(call.input(), before, after)};
  }
};

class CroppingBody final : public BorderBody {
 public:
  CroppingBody(const char* class_name, size_t rank, Sides sides)
      : BorderBody(class_name, "cropping", rank, std::move(sides)) {}
  Values call(const LayerCall& call, Effects&) override {
    check_cells(call.input().shape(), sides().size());
    Value y = call.input();
    for (size_t i = 0; i < sides().size(); ++i) y = cropped(y, static_cast<int>(i) + 1, sides()[i]);
    return {y};
  }

 private:
  static Value cropped(const Value& x, int axis, const Ends& side) {
    const int64_t size = x.shape()[axis], first = side.before, last = side.after;
    if (size != kUnknown && size <= first + last)
      throw Error("cutting off " + std::to_string(first) + " and " + std::to_string(last) +
                  " cells leaves nothing of dimension " + std::to_string(axis) + " of " +
                  to_string(x.shape()) + "; give a smaller cropping");
    if (first + last == 0) return x;
    return slice(x, axis, first, size == kUnknown ? kUnknown : size - first - last);
  }
};

}  // namespace

ZeroPadding1D::ZeroPadding1D(Ends padding, LayerOptions options)
    : Layer(std::make_shared<ZeroPaddingBody>("ZeroPadding1D", 1, Sides{padding}), options) {}
ZeroPadding2D::ZeroPadding2D(Sides padding, ZeroPadding2DOptions options)
    : Layer(std::make_shared<ZeroPaddingBody>("ZeroPadding2D", 2, std::move(padding)), options) {}
ZeroPadding3D::ZeroPadding3D(Sides padding, ZeroPadding3DOptions options)
    : Layer(std::make_shared<ZeroPaddingBody>("ZeroPadding3D", 3, std::move(padding)), options) {}
Cropping1D::Cropping1D(Ends cropping, LayerOptions options)
    : Layer(std::make_shared<CroppingBody>("Cropping1D", 1, Sides{cropping}), options) {}
Cropping2D::Cropping2D(Sides cropping, Cropping2DOptions options)
    : Layer(std::make_shared<CroppingBody>("Cropping2D", 2, std::move(cropping)), options) {}
Cropping3D::Cropping3D(Sides cropping, Cropping3DOptions options)
    : Layer(std::make_shared<CroppingBody>("Cropping3D", 3, std::move(cropping)), options) {}

std::shared_ptr<LayerBody> ZeroPadding1D::blank() {
  return std::make_shared<ZeroPaddingBody>("ZeroPadding1D", 1);
}
std::shared_ptr<LayerBody> ZeroPadding2D::blank() {
  return std::make_shared<ZeroPaddingBody>("ZeroPadding2D", 2);
}
std::shared_ptr<LayerBody> ZeroPadding3D::blank() {
  return std::make_shared<ZeroPaddingBody>("ZeroPadding3D", 3);
}
std::shared_ptr<LayerBody> Cropping1D::blank() { return std::make_shared<CroppingBody>("Cropping1D", 1, 1); }
std::shared_ptr<LayerBody> Cropping2D::blank() { return std::make_shared<CroppingBody>("Cropping2D", 2, 0); }
std::shared_ptr<LayerBody> Cropping3D::blank() { return std::make_shared<CroppingBody>("Cropping3D", 3, 1); }

}  // namespace folio
