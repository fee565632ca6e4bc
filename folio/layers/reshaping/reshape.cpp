#include "folio/layers/reshaping/reshape.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/config.h"
#include "folio/ops/reshape.h"

namespace folio {
namespace {

class ReshapeBody final : public LayerBody {
 public:
  explicit ReshapeBody(Shape target) : target_(std::move(target)) {
    const bool sizes_fit =
        std::all_of(target_.begin(), target_.end(), [](int64_t n) { return n >= 1 || n == kUnknown; });
    if (!sizes_fit || std::count(target_.begin(), target_.end(), kUnknown) > 1)
      throw Error(
          "Reshape: target_shape: expected sizes of at least 1, and -1 for at most one of them, got " +
          listed(target_));
  }
  std::string class_name() const override { return "Reshape"; }

  Values call(const LayerCall& call, Effects&) override {
    const Shape& from = call.input().shape();
    if (from.rank() == 0) throw Error("expects a batch, got a scalar; give Input a shape");
    const Shape features = from.from(1);
    return {reshape(call.input(), Shape{from[0]}.joined(features.known() ? filled(features) : target_))};
  }

  Json config() const override {
    Json target = Json::array();
    for (int64_t n : target_) target.push_back(n);
    return {{"target_shape", target}};
  }

 private:
  // The target with its open size filled in.
  Shape filled(const Shape& features) const {
    Shape result = target_;
    int open = -1;
    for (int i = 0; i < result.rank(); ++i)
      if (result[i] == kUnknown) open = i, result[i] = 1;
    const int64_t count = features.count(), rest = result.count();
    if (open >= 0 ? count % rest != 0 : count != rest)
      throw Error("the " + std::to_string(count) + " features of an input " + to_string(features) +
                  " do not fit " + listed(target_) + "; choose sizes whose product is " +
                  std::to_string(count));
    if (open >= 0) result[open] = count / rest;
    return result;
  }

  static std::string listed(const Shape& shape) {
    std::string text;
    for (int64_t n : shape) text += (text.empty() ? "(" : ", ") + std::to_string(n);
    return text.empty() ? "()" : text + ")";
  }

  Shape target_;
};

}  // namespace

Reshape::Reshape(Shape target_shape, LayerOptions options) {
  body_ = make_body<ReshapeBody>(options.name, options.trainable, std::move(target_shape));
}

Layer Reshape::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  const Json& target = read.raw("target_shape");
  const bool list = target.is_array();
  if (!list && !target.is_number_integer()) read.fail("target_shape", "a list of whole numbers");
  std::vector<int64_t> sizes;
  for (const Json& item : list ? target : Json::array({target})) {
    if (!item.is_number_integer()) read.fail("target_shape", "a list of whole numbers");
    sizes.push_back(item.get<int64_t>());
  }
  read.finish();
  return Reshape(Shape(std::move(sizes)), {.name = name});
}

}  // namespace folio
