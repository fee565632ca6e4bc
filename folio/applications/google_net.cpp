#include "folio/applications/google_net.h"

#include <algorithm>

#include "folio/applications/picture_network.h"
#include "folio/layers/convolutional/conv2d.h"
#include "folio/layers/core/dense.h"
#include "folio/layers/merging/concatenate.h"
#include "folio/layers/pooling/average_pooling2d.h"
#include "folio/layers/pooling/global_average_pooling2d.h"
#include "folio/layers/pooling/max_pooling2d.h"
#include "folio/layers/regularization/dropout.h"
#include "folio/layers/reshaping/flatten.h"

namespace folio::applications {
namespace {

// A row of table 1: filters of 1 x 1, of 3 x 3 and what makes their input narrow, of 5 x 5 likewise, and
// behind the pool.
struct Inception {
  const char* name;
  int64_t one, reduce3, three, reduce5, five, pooled;
};

constexpr Inception kModules[] = {{"3a", 64, 96, 128, 16, 32, 32},     {"3b", 128, 128, 192, 32, 96, 64},
                                  {"4a", 192, 96, 208, 16, 48, 64},    {"4b", 160, 112, 224, 24, 64, 64},
                                  {"4c", 128, 128, 256, 24, 64, 64},   {"4d", 112, 144, 288, 32, 64, 64},
                                  {"4e", 256, 160, 320, 32, 128, 128}, {"5a", 256, 160, 320, 32, 128, 128},
                                  {"5b", 384, 192, 384, 48, 128, 128}};

struct Builder {
  const GoogLeNetOptions& options;

  Value conv(const Value& x, int64_t filters, int64_t kernel, const std::string& name,
             int64_t strides = 1) const {
    filters = widened(filters, options.width);
    if (options.small) return normalized_conv(x, filters, kernel, strides, name);
    return Conv2D(filters, kernel,
                  {.strides = strides, .padding = "same", .activation = "relu", .name = name})(x);
  }

  static Value pool(const Value& x, const std::string& name) {
    return MaxPooling2D(3, {.strides = 2, .padding = "same", .name = name})(x);
  }

  Value inception(const Value& x, const Inception& module) const {
    const std::string place = std::string("inception_") + module.name;
    const Value one = conv(x, module.one, 1, place + "_1x1");
    const Value three =
        conv(conv(x, module.reduce3, 1, place + "_3x3_reduce"), module.three, 3, place + "_3x3");
    const Value five =
        conv(conv(x, module.reduce5, 1, place + "_5x5_reduce"), module.five, 5, place + "_5x5");
    const Value pooled = conv(MaxPooling2D(3, {.strides = 1, .padding = "same", .name = place + "_pool"})(x),
                              module.pooled, 1, place + "_pool_proj");
    return Concatenate({.name = place})({one, three, five, pooled});
  }

  Value head(const Value& x, const std::string& name) const {
    const int64_t side = std::min({x.shape()[1], x.shape()[2], int64_t{5}});
    Value y = AveragePooling2D(side, {.strides = std::min<int64_t>(3, side), .name = name + "_pool"})(x);
    y = Flatten({.name = name + "_flatten"})(conv(y, 128, 1, name + "_conv"));
    y = Dense(widened(1024, options.width), {.activation = "relu", .name = name + "_fc"})(y);
    y = Dropout(0.7, {.name = name + "_drop"})(y);
    return Dense(options.classes, {.activation = "softmax", .name = name})(y);
  }
};

}  // namespace

Model GoogLeNet(const GoogLeNetOptions& options) {
  const Builder build{options};
  auto [pictures, x] = entrance("GoogLeNet", options.input, options.scaling, options.small ? 16 : 32);
  if (options.small) {
    x = build.conv(x, 64, 3, "conv1", small_stride(options.input));
    x = build.conv(x, 192, 3, "conv2");
  } else {
    x = Builder::pool(build.conv(x, 64, 7, "conv1", 2), "pool1");
    x = build.conv(build.conv(x, 64, 1, "conv2_reduce"), 192, 3, "conv2");
    x = Builder::pool(x, "pool2");
  }
  Values outputs(1);
  for (const Inception& module : kModules) {
    const std::string name = module.name;
    if (name == "4a") x = Builder::pool(x, "pool3");
    if (name == "5a") x = Builder::pool(x, "pool4");
    x = build.inception(x, module);
    if (options.auxiliary && (name == "4a" || name == "4d"))
      outputs.push_back(build.head(x, "auxiliary_" + std::to_string(outputs.size())));
  }
  x = GlobalAveragePooling2D({.name = "pool5"})(x);
  if (options.dropout > 0) x = Dropout(options.dropout, {.name = "dropout"})(x);
  outputs[0] = Dense(options.classes, {.activation = "softmax", .name = "predictions"})(x);
  return Model(Values{pictures}, outputs, options.name);
}

}  // namespace folio::applications
