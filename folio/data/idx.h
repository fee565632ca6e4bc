// IDX files, the format in which MNIST came: a magic number, big-endian dimensions, then the elements.
#pragma once
#include <cstdint>
#include <string>

#include "folio/base/file.h"
#include "folio/tensor/tensor.h"

namespace folio {

/// Reads an IDX file, plain or gzip'ed, of at most `limit` bytes once inflated. Elements of int8 and int16
/// become int32. Throws `Error` unless the file ends just where its header says.
Tensor read_idx(const std::string& path, uint64_t limit = default_load_limit());

}  // namespace folio
