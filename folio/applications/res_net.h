// Residual networks for ImageNet's pictures. (He, Zhang, Ren, Sun 2015; sheet F7)
#pragma once
#include <string>

#include "folio/models/model.h"

namespace folio::applications {

struct ResNetOptions {
  int64_t classes = 1000;
  Shape input = {224, 224, 3};
  double width = 1;  ///< multiplies filters
  /// For pictures of 8 to about 96 pixels: the network begins with a convolution of 3 x 3 with a stride of 1
  /// (2 above 48 pixels) instead of 7 x 7 with strides of 2 and a pool.
  bool small = false;
  Layer scaling = {};     ///< put before the network; may be undefined
  std::string name = {};  ///< "": "resnet50" and so on
};

/// Blocks of two 3 x 3 convolutions without biases: 11,689,512 and 21,797,672 trainable parameters for 1,000
/// classes. (batch, height, width, channels) -> (batch, classes), a softmax.
Model ResNet18(const ResNetOptions& options = {});
Model ResNet34(const ResNetOptions& options = {});

/// Blocks of 1 x 1, 3 x 3 and 1 x 1 convolutions, with biases, layer for layer and name for name as
/// keras.applications.ResNet50, 101 and 152, but with He's first weights: 25,636,712, 44,707,176 and
/// 60,419,944 parameters for 1,000 classes.
Model ResNet50(const ResNetOptions& options = {});
Model ResNet101(const ResNetOptions& options = {});
Model ResNet152(const ResNetOptions& options = {});

}  // namespace folio::applications
