// AlexNet in one tower. (Krizhevsky, Sutskever, Hinton 2012; sheet F4)
#pragma once
#include <string>

#include "folio/models/model.h"

namespace folio::applications {

struct AlexNetOptions {
  int64_t classes = 1000;
  Shape input = {227, 227, 3};
  double width = 1;  ///< multiplies filters and units
  double dropout = 0.5;
  /// For pictures of 16 to about 96 pixels: the first two convolutions are 5 x 5 with strides of 1 (2 above
  /// 48 pixels), all are followed by batch normalization, and the two large layers have 1,024 units.
  bool small = false;
  Layer scaling = {};  ///< put before the network; may be undefined
  std::string name = "alexnet";
};

/// Five convolutions, three of them pooled, and two layers of 4,096 units with dropout: 62,378,344 parameters
/// for 1,000 classes. Without groups, which the two processors of 2012 needed, and without local response
/// normalization. (batch, height, width, channels) -> (batch, classes), a softmax.
Model AlexNet(const AlexNetOptions& options = {});

}  // namespace folio::applications
