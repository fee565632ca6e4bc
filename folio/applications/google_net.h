// GoogLeNet, of inception modules. (Szegedy et al. 2014; sheet F6)
#pragma once
#include <string>

#include "folio/models/model.h"

namespace folio::applications {

struct GoogLeNetOptions {
  int64_t classes = 1000;
  Shape input = {224, 224, 3};
  double width = 1;  ///< multiplies filters
  double dropout = 0.4;
  /// Two more outputs, behind modules 4a and 4d, whose gradient reaches the early layers by a shorter way.
  /// Their losses are to be weighted with 0.3.
  bool auxiliary = false;
  /// For pictures of 16 to about 96 pixels: two convolutions of 3 x 3 with strides of 1 (the first 2 above 48
  /// pixels) come before the modules instead of three with pools, and all have batch normalization.
  bool small = false;
  Layer scaling = {};  ///< put before the network; may be undefined
  std::string name = "googlenet";
};

/// Nine inception modules: convolutions of 1 x 1, 3 x 3 and 5 x 5 and a pool side by side, the large ones
/// behind a 1 x 1 that makes their channels few. With biases, without local response normalization: 6,998,552
/// parameters for 1,000 classes, 13,378,280 with both auxiliary heads. (batch, height, width, channels) ->
/// (batch, classes), a softmax: "predictions", and with heads "auxiliary_1" and "auxiliary_2" behind it.
Model GoogLeNet(const GoogLeNetOptions& options = {});

}  // namespace folio::applications
