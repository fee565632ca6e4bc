#include "folio/layers/max_pooling2d.h"

#include "folio/layers/pooling2d.h"

namespace folio {

MaxPooling2D::MaxPooling2D(Pair pool_size, MaxPooling2DOptions options) {
  body_ = make_body<Pooling2DBody>(options.name, options.trainable, "MaxPooling2D", max_pool, pool_size,
                                   options.strides, options.padding);
}

Layer MaxPooling2D::from_config(const Json& config, const std::string& name, const std::string& place) {
  const Pooling2DSettings settings = read_pooling2d(config, place);
  return MaxPooling2D(settings.pool_size,
                      {.strides = settings.strides, .padding = settings.padding, .name = name});
}

}  // namespace folio
