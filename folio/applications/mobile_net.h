// MobileNet, of depthwise and pointwise convolutions. (Howard et al. 2017; sheet F8)
#pragma once
#include <string>

#include "folio/models/model.h"

namespace folio::applications {

struct MobileNetOptions {
  int64_t classes = 1000;
  Shape input = {224, 224, 3};
  double width = 1;  ///< the width multiplier (Keras' alpha): of filters, rounded down
  double dropout = 1e-3;
  /// For pictures of 16 to about 96 pixels: the first convolution has a stride of 1 (2 above 48 pixels)
  /// instead of 2, and the second block one of 1.
  bool small = false;
  Layer scaling = {};     ///< put before the network; may be undefined
  std::string name = {};  ///< "": "mobilenet_1.00_224", as Keras has it
};

/// Thirteen pairs of a depthwise and a pointwise convolution, layer for layer and name for name as
/// keras.applications.MobileNet: 4,253,864 parameters for 1,000 classes. (batch, height, width, channels) ->
/// (batch, classes), a softmax.
Model MobileNet(const MobileNetOptions& options = {});

}  // namespace folio::applications
