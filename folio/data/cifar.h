// CIFAR-10's binary files: records of a label byte and the red, green and blue planes of a picture.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "folio/tensor/tensor.h"

namespace folio {

/// Pictures and their labels.
struct CifarPictures {
  Tensor x;  // uint8 (pictures, 32, 32, 3), channels innermost
  Tensor y;  // int32 (pictures,), 0 to classes - 1
};

/// Reads files of 3073-byte records, plain or gzip'ed, and joins them in the order given. Throws `Error` for
/// a file that does not end with a record, is empty, has over 100,000 records, or has a label of `classes` or
/// more.
CifarPictures read_cifar(const std::vector<std::string>& paths, int classes = 10);

}  // namespace folio
