#include "folio/layers/global_average_pooling2d.h"

#include <nlohmann/json.hpp>

#include "folio/layers/config.h"
#include "folio/layers/pictures.h"
#include "folio/ops/reduce.h"

namespace folio {
namespace {

class GlobalAveragePooling2DBody final : public LayerBody {
 public:
  explicit GlobalAveragePooling2DBody(bool keepdims) : keepdims_(keepdims) {}
  std::string class_name() const override { return "GlobalAveragePooling2D"; }
  void build(const std::vector<Shape>& inputs) override { check_pictures(inputs[0]); }
  Values call(const Values& inputs, CallContext&) override {
    check_pictures(inputs[0].shape());
    return {mean(inputs[0], {1, 2}, keepdims_)};
  }
  Json config() const override { return {{"data_format", DataFormat::name()}, {"keepdims", keepdims_}}; }

 private:
  bool keepdims_;
};

}  // namespace

GlobalAveragePooling2D::GlobalAveragePooling2D(GlobalAveragePooling2DOptions options) {
  body_ = make_body<GlobalAveragePooling2DBody>(options.name, options.trainable, options.keepdims);
}

Layer GlobalAveragePooling2D::from_config(const Json& config, const std::string& name,
                                          const std::string& place) {
  ConfigReader read(config, place);
  DataFormat::from_config(read);
  const bool keepdims = read.flag("keepdims", false);
  read.finish();
  return GlobalAveragePooling2D({.keepdims = keepdims, .name = name});
}

}  // namespace folio
