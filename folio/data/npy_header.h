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

/// The type of the tensor that the elements become.
DType npy_dtype(const NpyHeader& header);
/// Whether elements lie in the file as in such a tensor.
bool npy_is_native(const NpyHeader& header);
/// Bytes of all elements; throws `Error` at the place of `reader` when the shape is too large.
uint64_t npy_bytes(const NpyHeader& header, const ByteReader& reader);
/// The elements as a tensor; `bytes` are those of the header's shape. `name` and `start` tell where they
/// stand, for messages.
Tensor parse_npy_elements(const NpyHeader& header, std::span<const std::byte> bytes, const std::string& name,
                          uint64_t start);

/// The bytes before the elements of a version 1 file, padded to a multiple of 64.
std::vector<std::byte> npy_header_of(const Tensor& tensor);

}  // namespace folio
