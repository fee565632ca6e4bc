#include "folio/layers/core/input_layer.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/layer_fields.h"

namespace folio {
namespace {

// The shape of a batch, with null for what is not known.
struct BatchShape {
  static void read(const Json& json, void* value, const FieldRules&) {
    const char* expected = "a list of whole numbers and nulls, beginning with the batch";
    if (!json.is_array() || json.empty()) unexpected(expected, json);
    std::vector<int64_t> sizes;
    for (const Json& size : json) {
      if (!size.is_null() && !size.is_number_integer()) unexpected(expected, json);
      sizes.push_back(size.is_null() ? kUnknown : size.get<int64_t>());
    }
    *static_cast<Shape*>(value) = Shape(std::move(sizes));
  }
  static void write(Json& json, const void* value, const FieldRules&) {
    json = Json::array();
    for (int64_t size : *static_cast<const Shape*>(value))
      json.push_back(size == kUnknown ? Json() : Json(size));
  }
  static void check(void* value, const FieldRules&) {
    const auto& shape = *static_cast<const Shape*>(value);
    for (int64_t size : shape)
      if (size != kUnknown && (size < 1 || size > std::numeric_limits<int32_t>::max()))
        throw Error("expected sizes of at least 1 (or unknown), got " + to_string(shape) +
                    "; the batch is not part of the shape");
  }
};
constexpr FieldType kBatchShape = {BatchShape::read, BatchShape::write, BatchShape::check};

TensorType type_of(const Shape& shape, const InputOptions& options) {
  return {Shape{options.batch_size}.joined(shape), options.dtype.value_or(floatx())};
}

}  // namespace

Value Input(Shape shape, InputOptions options) {
  TensorType type = type_of(shape, options);
  check_fields("InputLayer", [&](Fields& f) { f.visit({"shape", &type.shape, kBatchShape, {}}); });
  return input(type.shape, type.dtype, options.name.empty() ? automatic_name("InputLayer") : options.name);
}

Values InputLayerBody::call(const LayerCall& call, Effects&) {
  if (call.input().dtype() != type_.dtype || !compatible(call.input().shape(), type_.shape))
    throw Error("expects " + to_string(type_) + ", got " + to_string(call.input().type()));
  return {call.input()};
}

void InputLayerBody::fields(Fields& f) {
  // "batch_input_shape" is what Keras 2 called it.
  f.visit({"batch_shape", &type_.shape, kBatchShape, {.required = true, .alias = "batch_input_shape"}});
  f("dtype", type_.dtype);
  f.constant("sparse", "false");
  for (const char* flag : {"ragged", "optional"}) f.ignore(flag, "false");
}

InputLayer::InputLayer(Shape shape, InputOptions options) {
  body_ = make_body<InputLayerBody>(options.name, true, type_of(shape, options));
}

std::shared_ptr<LayerBody> InputLayer::blank() { return std::make_shared<InputLayerBody>(); }

}  // namespace folio
