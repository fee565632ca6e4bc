// Residual networks for small pictures. (He, Zhang, Ren, Sun 2015, section 4.2; sheet F7)
#pragma once
#include <string>

#include "folio/models/model.h"

namespace folio::applications {

struct CifarResNetOptions {
  int64_t classes = 10;
  Shape input = {32, 32, 3};
  double width = 1;       ///< multiplies filters
  Layer scaling = {};     ///< put before the network; may be undefined
  std::string name = {};  ///< "": "resnet20" and so on
};

/// Three stacks of blocks of two 3 x 3 convolutions with 16, 32 and 64 filters, without biases, and the mean
/// of the picture: 6n + 2 layers. Where sizes change, the shortcut is a 1 x 1 convolution with batch
/// normalization (the paper's option B; its own option A, zeros for new channels, has 2,752 parameters less).
/// Trainable parameters for 32 x 32 x 3 and 10 classes: 272,474, 466,906, 661,338, 855,770, 1,730,714.
/// (batch, height, width, channels) -> (batch, classes), a softmax.
Model ResNet20(const CifarResNetOptions& options = {});
Model ResNet32(const CifarResNetOptions& options = {});
Model ResNet44(const CifarResNetOptions& options = {});
Model ResNet56(const CifarResNetOptions& options = {});
Model ResNet110(const CifarResNetOptions& options = {});

}  // namespace folio::applications
