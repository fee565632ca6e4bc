#include "folio/layers/average_pooling2d.h"

#include "folio/layers/pooling2d.h"

namespace folio {

AveragePooling2D::AveragePooling2D(Pair pool_size, AveragePooling2DOptions options) {
  body_ = make_body<Pooling2DBody>(options.name, options.trainable, "AveragePooling2D", average_pool,
                                   pool_size, options.strides, options.padding);
}

Layer AveragePooling2D::from_config(const Json& config, const std::string& name, const std::string& place) {
  const Pooling2DSettings settings = read_pooling2d(config, place);
  return AveragePooling2D(settings.pool_size,
                          {.strides = settings.strides, .padding = settings.padding, .name = name});
}

}  // namespace folio
