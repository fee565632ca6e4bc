#include "folio/applications/vgg.h"

#include <fmt/format.h>

#include <array>

#include "folio/applications/picture_network.h"
#include "folio/layers/convolutional/conv2d.h"
#include "folio/layers/core/dense.h"
#include "folio/layers/pooling/max_pooling2d.h"
#include "folio/layers/regularization/dropout.h"
#include "folio/layers/reshaping/flatten.h"

namespace folio::applications {
namespace {

constexpr std::array<int64_t, 5> kFilters = {64, 128, 256, 512, 512};

// Convolutions of each block.
Model vgg(const std::array<int, 5>& convolutions, const VGGOptions& options, const std::string& name) {
  auto [pictures, x] = entrance(name, options.input, options.scaling, options.small ? 8 : 32);
  for (size_t block = 0; block < 5; ++block) {
    const int64_t filters = widened(kFilters[block], options.width);
    for (int conv = 1; conv <= convolutions[block]; ++conv) {
      const std::string place = fmt::format("block{}_conv{}", block + 1, conv);
      const int64_t strides = block == 0 && conv == 1 ? small_stride(options.input) : 1;
      x = options.small ? normalized_conv(x, filters, 3, strides, place)
                        : Conv2D(filters, 3, {.padding = "same", .activation = "relu", .name = place})(x);
    }
    if (x.shape()[1] > 1 && x.shape()[2] > 1)
      x = MaxPooling2D(2, {.strides = 2, .name = fmt::format("block{}_pool", block + 1)})(x);
  }
  x = Flatten({.name = "flatten"})(x);
  const int64_t units = widened(options.small ? 512 : 4096, options.width);
  x = Dense(units, {.activation = "relu", .name = "fc1"})(x);
  x = options.small ? Dropout(0.5, {.name = "dropout"})(x)
                    : Dense(units, {.activation = "relu", .name = "fc2"})(x);
  x = Dense(options.classes, {.activation = "softmax", .name = "predictions"})(x);
  return Model(pictures, x, options.name.empty() ? name : options.name);
}

}  // namespace

Model VGG11(const VGGOptions& options) { return vgg({1, 1, 2, 2, 2}, options, "vgg11"); }
Model VGG13(const VGGOptions& options) { return vgg({2, 2, 2, 2, 2}, options, "vgg13"); }
Model VGG16(const VGGOptions& options) { return vgg({2, 2, 3, 3, 3}, options, "vgg16"); }
Model VGG19(const VGGOptions& options) { return vgg({2, 2, 4, 4, 4}, options, "vgg19"); }

}  // namespace folio::applications
