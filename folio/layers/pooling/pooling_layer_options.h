// The options of pooling layers, the same for sequences, pictures and volumes.
#pragma once
#include <string>

#include "folio/layers/common/data_format.h"
#include "folio/layers/common/sizes.h"

namespace folio {

struct WindowPoolingOptions {
  Sizes strides = {};             ///< not given: the pool size, so that windows touch
  std::string padding = "valid";  ///< or "same": output size ⌈size / stride⌉
  DataFormat data_format = {};
  std::string name = {};
  bool trainable = true;
};

struct GlobalPoolingOptions {
  DataFormat data_format = {};
  bool keepdims = false;  ///< leaves steps, height, width and depth behind as dimensions of 1
  std::string name = {};
  bool trainable = true;
};

}  // namespace folio
