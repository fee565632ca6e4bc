#include "folio/layers/reshaping/flatten.h"

#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/config.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

class FlattenBody final : public LayerBody {
 public:
  std::string class_name() const override { return "Flatten"; }
  void build(const std::vector<Shape>& inputs) override {
    if (inputs[0].rank() == 0) throw Error("expects a batch, got a scalar; give Input a shape");
  }
  Values call(const LayerCall& call, Effects&) override {
    const Shape features = call.input().shape().from(1);
    if (features.known()) features.count();  // throws when there are more than can be counted
    return {flatten(call.input())};
  }
  Json config() const override { return {{"data_format", DataFormat::name()}}; }
};

}  // namespace

Flatten::Flatten(FlattenOptions options) { body_ = make_body<FlattenBody>(options.name, options.trainable); }

Layer Flatten::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  DataFormat::from_config(read);
  read.finish();
  return Flatten({.name = name});
}

}  // namespace folio
