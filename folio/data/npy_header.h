// The header of a .npy file: a Python dictionary, as text, that gives element type, memory order and shape.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "folio/base/bytes.h"
#include "folio/tensor/tensor.h"

namespace folio {

/// What the header says.
struct NpyHeader {
  char kind = 'f';  // NumPy's letter: f floating, i signed, u unsigned, b boolean
  int size = 4;     // bytes of one element
  bool big_endian = false;
  bool column_major = false;  // NumPy's fortran_order
  std::vector<int64_t> shape;
};

/// Reads magic, version and header, and leaves `reader` at the elements. Throws `Error` unless it is just
/// what NumPy writes: the three keys, each once, and a type that `parse_npy` knows.
NpyHeader read_npy_header(ByteReader& reader);

/// The bytes before the elements of a version 1 file, padded to a multiple of 64.
std::vector<std::byte> npy_header_of(const Tensor& tensor);

}  // namespace folio
