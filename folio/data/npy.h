// NumPy's array files: .npy holds one array, .npz is a zip file of them.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "folio/base/file.h"
#include "folio/tensor/tensor.h"

namespace folio {

/// Arrays and their names, in the order of the file.
using NamedTensors = std::vector<std::pair<std::string, Tensor>>;

/// Reads the bytes of a .npy file, versions 1 to 3; `name` is the file's, for messages.
///
/// Element types become the nearest that Folio has: float16 float32; int8, int16, uint16 int32; uint32,
/// uint64 int64 (a value beyond it is an error); the others themselves. Either byte order and either memory
/// order is read; the tensor is row-major. Throws `Error` for other types (objects, text, complex), and when
/// the bytes do not agree with the shape.
Tensor parse_npy(std::span<const std::byte> bytes, const std::string& name);
/// Reads a .npy file of at most `limit` bytes.
Tensor read_npy(const std::string& path, uint64_t limit = default_load_limit());
/// Replaces the file `path` at once, or throws `Error` and leaves it as it was.
void write_npy(const std::string& path, const Tensor& tensor);

/// A .npy file written a few rows at a time: what `write_npy` writes, without ever having all in memory.
class NpyWriter {
 public:
  /// `shape`: of all rows together.
  NpyWriter(const std::string& path, Shape shape, DType dtype);
  /// Rows that follow those before; of the file's type.
  void add(const Tensor& rows);
  /// Puts the file in place. Throws `InternalError` unless all rows were added.
  void commit();

 private:
  AtomicFile file_;
  Tensor left_;  // shape and type of the rows to come
};

/// Reads a .npz file, stored or deflated, whose arrays take at most `limit` bytes together.
NamedTensors read_npz(const std::string& path, uint64_t limit = default_load_limit());
/// Writes a stored .npz file, at once as `write_npy` does; the same tensors give the same bytes.
void write_npz(const std::string& path, const NamedTensors& tensors);

}  // namespace folio
