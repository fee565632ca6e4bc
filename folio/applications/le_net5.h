// LeNet-5. (LeCun, Bottou, Bengio, Haffner 1998; sheet F3)
#pragma once
#include <string>

#include "folio/models/model.h"

namespace folio::applications {

struct LeNet5Options {
  int64_t classes = 10;
  Shape input = {28, 28, 1};
  /// relu and maximum pooling; false: tanh and average pooling, as in 1998.
  bool modern = true;
  double dropout = 0;  ///< before the last two layers
  Layer scaling = {};  ///< put before the network; may be undefined
  std::string name = "lenet5";
};

/// Two convolutions of 5 x 5, each pooled, and three layers of 120, 84 and `classes` units: 61,706 parameters
/// for 28 x 28 x 1 and 10 classes. (batch, height, width, channels) -> (batch, classes), a softmax.
Model LeNet5(const LeNet5Options& options = {});

}  // namespace folio::applications
