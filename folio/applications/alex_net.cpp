#include "folio/applications/alex_net.h"

#include "folio/applications/picture_network.h"
#include "folio/layers/convolutional/conv2d.h"
#include "folio/layers/core/dense.h"
#include "folio/layers/pooling/max_pooling2d.h"
#include "folio/layers/regularization/dropout.h"
#include "folio/layers/reshaping/flatten.h"

namespace folio::applications {
namespace {

// Filters, kernel size, stride, and whether a pool follows.
struct Stage {
  int64_t filters, kernel, strides;
  bool pooled;
};

constexpr Stage kLarge[] = {
    {96, 11, 4, true}, {256, 5, 1, true}, {384, 3, 1, false}, {384, 3, 1, false}, {256, 3, 1, true}};

}  // namespace

Model AlexNet(const AlexNetOptions& options) {
  const bool small = options.small;
  auto [pictures, x] = entrance("AlexNet", options.input, options.scaling, small ? 16 : 67);
  int number = 0;
  for (const Stage& stage : kLarge) {
    const std::string place = std::to_string(++number);
    const int64_t filters = widened(stage.filters, options.width);
    const bool first = number == 1;
    if (small)
      x = normalized_conv(x, filters, first ? 5 : stage.kernel, first ? small_stride(options.input) : 1,
                          "conv" + place);
    else
      x = Conv2D(filters, stage.kernel,
                 {.strides = stage.strides,
                  .padding = first ? "valid" : "same",
                  .activation = "relu",
                  .name = "conv" + place})(x);
    if (stage.pooled)
      x = MaxPooling2D(3, {.strides = 2, .padding = small ? "same" : "valid", .name = "pool" + place})(x);
  }
  x = Flatten({.name = "flatten"})(x);
  for (const char* place : {"6", "7"}) {
    x = Dense(widened(small ? 1024 : 4096, options.width),
              {.activation = "relu", .name = std::string("fc") + place})(x);
    if (options.dropout > 0) x = Dropout(options.dropout, {.name = std::string("drop") + place})(x);
  }
  x = Dense(options.classes, {.activation = "softmax", .name = "fc8"})(x);
  return Model(pictures, x, options.name);
}

}  // namespace folio::applications
