#include "folio/layers/core/input_layer.h"

#include <limits>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/layers/common/config.h"

namespace folio {
namespace {

TensorType type_of(const Shape& shape, const InputOptions& options) {
  const Shape batch_shape = Shape{options.batch_size}.joined(shape);
  for (int64_t size : batch_shape)
    if (size != kUnknown && (size < 1 || size > std::numeric_limits<int32_t>::max()))
      throw Error("InputLayer: shape: expected sizes of at least 1 (or unknown), got " +
                  to_string(batch_shape) + "; the batch is not part of the shape");
  return {batch_shape, options.dtype.value_or(floatx())};
}

}  // namespace

Value Input(Shape shape, InputOptions options) {
  const TensorType type = type_of(shape, options);
  return input(type.shape, type.dtype, options.name.empty() ? automatic_name("InputLayer") : options.name);
}

Values InputLayerBody::call(const LayerCall& call, Effects&) {
  if (call.input().dtype() != type_.dtype || !compatible(call.input().shape(), type_.shape))
    throw Error("expects " + to_string(type_) + ", got " + to_string(call.input().type()));
  return {call.input()};
}

Json InputLayerBody::config() const {
  Json batch_shape = Json::array();
  for (int64_t size : type_.shape) batch_shape.push_back(size == kUnknown ? Json() : Json(size));
  return {{"batch_shape", batch_shape}, {"dtype", to_string(type_.dtype)}, {"sparse", false}};
}

InputLayer::InputLayer(Shape shape, InputOptions options) {
  body_ = make_body<InputLayerBody>(options.name, true, type_of(shape, options));
}

Layer InputLayer::from_config(const Json& config, const std::string& name, const std::string& place) {
  ConfigReader read(config, place);
  // "batch_input_shape" is what Keras 2 called it.
  const char* key = read.has("batch_shape") ? "batch_shape" : "batch_input_shape";
  const Json& sizes = read.raw(key);
  const char* expected = "a list of whole numbers and nulls, beginning with the batch";
  if (!sizes.is_array() || sizes.empty()) read.fail(key, expected);
  std::vector<int64_t> dims;
  for (const Json& size : sizes) {
    if (!size.is_null() && !size.is_number_integer()) read.fail(key, expected);
    dims.push_back(size.is_null() ? kUnknown : size.get<int64_t>());
  }
  InputOptions options;
  options.name = name;
  options.batch_size = dims[0];
  try {
    options.dtype = dtype_from(read.text("dtype", "float32"));
  } catch (const Error& error) {
    throw Error(place + ": dtype: " + error.what());
  }
  for (const char* flag : {"sparse", "ragged", "optional"}) read.ignore(flag, {false});
  read.finish();
  return InputLayer(Shape(dims).from(1), std::move(options));
}

}  // namespace folio
