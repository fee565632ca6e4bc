// MobileNetV2, of inverted residuals. (Sandler et al. 2018; sheet F8)
#pragma once
#include <string>

#include "folio/models/model.h"

namespace folio::applications {

struct MobileNetV2Options {
  int64_t classes = 1000;
  Shape input = {224, 224, 3};
  double width = 1;  ///< the width multiplier (Keras' alpha): of filters, to multiples of 8
  /// For pictures of 16 to about 96 pixels: the first convolution has a stride of 1 (2 above 48 pixels)
  /// instead of 2, and the first block that has 2 has 1.
  bool small = false;
  Layer scaling = {};     ///< put before the network; may be undefined
  std::string name = {};  ///< "": "mobilenetv2_1.00_224", as Keras has it
};

/// Seventeen blocks that widen, convolve each channel by itself and narrow again, layer for layer and name
/// for name as keras.applications.MobileNetV2: 3,538,984 parameters for 1,000 classes. (batch, height, width,
/// channels) -> (batch, classes), a softmax.
Model MobileNetV2(const MobileNetV2Options& options = {});

}  // namespace folio::applications
