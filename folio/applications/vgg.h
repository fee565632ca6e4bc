// The networks of 3 x 3 convolutions. (Simonyan and Zisserman 2014, configurations A, B, D and E; sheet F5)
#pragma once
#include <string>

#include "folio/models/model.h"

namespace folio::applications {

struct VGGOptions {
  int64_t classes = 1000;
  Shape input = {224, 224, 3};
  double width = 1;  ///< multiplies filters and units
  /// For pictures of 8 to about 96 pixels: convolutions have batch normalization instead of a bias (without,
  /// so deep a network hardly learns), pools stop where a side has become 1, and one layer of 512 units with
  /// dropout stands for the two of 4,096.
  bool small = false;
  Layer scaling = {};     ///< put before the network; may be undefined
  std::string name = {};  ///< "": "vgg16" and so on
};

/// Five blocks of convolutions, each pooled, and two layers of 4,096 units. Parameters for 1,000 classes: 11
/// 132,863,336, 13 133,047,848, 16 138,357,544, 19 143,667,240. Layers are called as in
/// keras.applications.VGG16 and VGG19. (batch, height, width, channels) -> (batch, classes), a softmax.
Model VGG11(const VGGOptions& options = {});
Model VGG13(const VGGOptions& options = {});
Model VGG16(const VGGOptions& options = {});
Model VGG19(const VGGOptions& options = {});

}  // namespace folio::applications
