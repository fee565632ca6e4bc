#include "folio/layers/zero_padding2d.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/config.h"
#include "folio/layers/pictures.h"
#include "folio/ops/slice.h"

namespace folio {
namespace {

class ZeroPadding2DBody final : public LayerBody {
 public:
  explicit ZeroPadding2DBody(SidePadding padding) : padding_(padding) {
    for (int64_t cells : {padding_.top, padding_.bottom, padding_.left, padding_.right})
      if (cells < 0 || cells > std::numeric_limits<int32_t>::max())
        throw Error("ZeroPadding2D: padding: expected at least 0 and at most 2147483647, got " +
                    std::to_string(cells));
  }
  std::string class_name() const override { return "ZeroPadding2D"; }
  void build(const std::vector<Shape>& inputs) override { check_pictures(inputs[0]); }
  Values call(const Values& inputs, CallContext&) override {
    check_pictures(inputs[0].shape());
    return {pad(inputs[0], {0, padding_.top, padding_.left, 0}, {0, padding_.bottom, padding_.right, 0})};
  }
  Json config() const override {
    const Json rows = Json::array({padding_.top, padding_.bottom}),
               columns = Json::array({padding_.left, padding_.right});
    return {{"padding", Json::array({rows, columns})}, {"data_format", DataFormat::name()}};
  }

 private:
  SidePadding padding_;
};

// Keras takes 1, [1, 2] and [[1, 2], [3, 4]]; a list inside is one side's pair.
SidePadding read_padding(ConfigReader& read) {
  const Json& value = read.raw("padding");
  if (value.is_null()) return 1;
  const auto expected = [&] {
    read.fail("padding", "a whole number, a list of 2, or [[top, bottom], [left, right]]");
  };
  const auto side = [&](const Json& item) -> Pair {
    if (item.is_number_integer()) return item.get<int64_t>();
    if (!item.is_array() || item.size() != 2 || !item[0].is_number_integer() || !item[1].is_number_integer())
      expected();
    return {item[0].get<int64_t>(), item[1].get<int64_t>()};
  };
  if (value.is_number_integer()) return value.get<int64_t>();
  if (!value.is_array() || value.size() != 2) expected();
  return {side(value[0]), side(value[1])};
}

}  // namespace

ZeroPadding2D::ZeroPadding2D(SidePadding padding, ZeroPadding2DOptions options) {
  body_ = make_body<ZeroPadding2DBody>(options.name, options.trainable, padding);
}

Layer ZeroPadding2D::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  const SidePadding padding = read_padding(read);
  DataFormat::from_config(read);
  read.finish();
  return ZeroPadding2D(padding, {.name = name});
}

}  // namespace folio
