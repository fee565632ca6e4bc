#include "folio/layers/pooling2d.h"

#include <nlohmann/json.hpp>

#include "folio/layers/config.h"
#include "folio/layers/pictures.h"

namespace folio {

Pooling2DBody::Pooling2DBody(const char* class_name, Pool pool, Pair pool_size, Pair strides,
                             std::string padding)
    : class_name_(class_name),
      pool_(pool),
      pool_size_(pool_size),
      strides_(strides.given() ? strides : pool_size),
      padding_(std::move(padding)) {
  check_size(class_name_, "pool_size", pool_size_);
  check_size(class_name_, "strides", strides_);
  padding_from(padding_);
}

void Pooling2DBody::build(const std::vector<Shape>& inputs) { check_pictures(inputs[0]); }

Values Pooling2DBody::call(const Values& inputs, CallContext&) {
  check_pictures(inputs[0].shape());
  return {pool_(inputs[0], {pool_size_.vertical, pool_size_.horizontal, strides_.vertical,
                            strides_.horizontal, padding_from(padding_)})};
}

Json Pooling2DBody::config() const {
  return {{"pool_size", config_of(pool_size_)},
          {"padding", padding_},
          {"strides", config_of(strides_)},
          {"data_format", DataFormat::name()}};
}

Pooling2DSettings read_pooling2d(const Json& config, const std::string& place) {
  ConfigReader read(config, place);
  Pooling2DSettings settings;
  settings.pool_size = read_pair(read, "pool_size", 2);
  settings.strides = read_pair(read, "strides", settings.pool_size);
  settings.padding = read.text("padding", "valid");
  DataFormat::from_config(read);
  read.finish();
  return settings;
}

}  // namespace folio
