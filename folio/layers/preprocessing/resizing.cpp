#include "folio/layers/preprocessing/resizing.h"

#include <algorithm>

#include "folio/base/error.h"
#include "folio/layers/common/layer_fields.h"
#include "folio/layers/common/pictures.h"
#include "folio/layers/preprocessing/center_crop.h"
#include "folio/layers/preprocessing/resized.h"
#include "folio/ops/elementwise.h"
#include "folio/ops/slice.h"

namespace folio {
namespace {

constexpr double kLargestSide = 65536;

// Borders of one colour, so that the shape is that of height : width, as nearly as Keras makes it.
Value padded_to_aspect(const Value& x, int64_t height, int64_t width, double colour) {
  const int64_t rows = x.shape()[1], columns = x.shape()[2];
  if (rows == kUnknown || columns == kUnknown) return x;
  const int64_t down = (std::max(rows, columns * height / width) - rows) / 2,
                across = (std::max(columns, rows * width / height) - columns) / 2;
  const std::vector<int64_t> border = {0, down, across, 0};
  return colour == 0 ? pad(x, border, border) : pad(x - colour, border, border) + colour;
}

class ResizingBody final : public LayerBody {
 public:
  explicit ResizingBody(int64_t height = 1, int64_t width = 1, ResizingOptions options = {})
      : height_(height), width_(width), options_(std::move(options)) {}
  std::string class_name() const override { return "Resizing"; }
  CallArgumentList arguments() const override { return {CallArgument::training(true)}; }
  void build(const std::vector<Shape>& inputs) override {
    check_pictures(inputs[0]);
    if (options_.crop_to_aspect_ratio && options_.pad_to_aspect_ratio)
      throw Error("expected crop_to_aspect_ratio or pad_to_aspect_ratio, got both; leave one out");
  }

  Values call(const LayerCall& call, Effects&) override {
    check_pictures(call.input().shape());
    Value x = as_floating(call.input());
    if (options_.crop_to_aspect_ratio) x = cropped_to_aspect(x, height_, width_);
    if (options_.pad_to_aspect_ratio) x = padded_to_aspect(x, height_, width_, options_.fill_value);
    const Value y = resized(x, height_, width_, options_.interpolation == "nearest");
    return {is_floating(call.input().dtype()) ? y : round(y)};
  }

  void fields(Fields& f) override {
    f("height", height_, {.required = true, .least = 1, .most = kLargestSide});
    f("width", width_, {.required = true, .least = 1, .most = kLargestSide});
    f("interpolation", options_.interpolation, {.words = "bilinear nearest"});
    f("crop_to_aspect_ratio", options_.crop_to_aspect_ratio);
    f("pad_to_aspect_ratio", options_.pad_to_aspect_ratio);
    f.constant("fill_mode", "\"constant\"");
    f("fill_value", options_.fill_value, {.finite = true});
    f.constant("antialias", "false");
    data_format_field(f, data_format());
  }

 private:
  int64_t height_, width_;
  ResizingOptions options_;
};

class CenterCropBody final : public LayerBody {
 public:
  explicit CenterCropBody(int64_t height = 1, int64_t width = 1) : height_(height), width_(width) {}
  std::string class_name() const override { return "CenterCrop"; }
  CallArgumentList arguments() const override { return {CallArgument::training(true)}; }
  void build(const std::vector<Shape>& inputs) override { check_pictures(inputs[0]); }

  Values call(const LayerCall& call, Effects&) override {
    check_pictures(call.input().shape());
    return {center_cropped(as_floating(call.input()), height_, width_)};
  }

  void fields(Fields& f) override {
    f("height", height_, {.required = true, .least = 1, .most = kLargestSide});
    f("width", width_, {.required = true, .least = 1, .most = kLargestSide});
    data_format_field(f, data_format());
  }

 private:
  int64_t height_, width_;
};

}  // namespace

Resizing::Resizing(int64_t height, int64_t width, ResizingOptions options)
    : Layer(std::make_shared<ResizingBody>(height, width, options), options) {}
CenterCrop::CenterCrop(int64_t height, int64_t width, CenterCropOptions options)
    : Layer(std::make_shared<CenterCropBody>(height, width), options) {}

std::shared_ptr<LayerBody> Resizing::blank() { return std::make_shared<ResizingBody>(); }
std::shared_ptr<LayerBody> CenterCrop::blank() { return std::make_shared<CenterCropBody>(); }

}  // namespace folio
