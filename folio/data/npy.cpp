#include "folio/data/npy.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>

#include "folio/base/checked.h"
#include "folio/base/error.h"
#include "folio/base/zip.h"
#include "folio/data/npy_header.h"

namespace folio {
namespace {

constexpr std::string_view kEnding = ".npy";

/// Float16, whose bits are not a type of C++.
struct Half {
  uint16_t bits;
  explicit operator float() const {
    const int exponent = bits >> 10 & 31, fraction = bits & 1023;
    const uint32_t sign = uint32_t{bits} >> 15 << 31;
    if (exponent == 0) {  // zero, or too small for a leading one: fraction * 2^-24
      const float value = static_cast<float>(fraction) * 0x1p-24F;
      return sign ? -value : value;
    }
    const uint32_t wide_exponent = exponent == 31 ? 255 : static_cast<uint32_t>(exponent) + (127 - 15);
    return std::bit_cast<float>(sign | wide_exponent << 23 | static_cast<uint32_t>(fraction) << 13);
  }
};

/// The element at `from`, whatever its alignment.
template <class T>
T load(const std::byte* from, bool big_endian) {
  std::byte bytes[sizeof(T)];
  for (size_t i = 0; i < sizeof(T); ++i) bytes[i] = from[big_endian ? sizeof(T) - 1 - i : i];
  T value;
  std::memcpy(&value, bytes, sizeof value);
  return value;
}

/// For each element in row-major order, where it stands in a column-major file.
class ColumnMajorWalk {
 public:
  explicit ColumnMajorWalk(const std::vector<int64_t>& shape) : shape_(shape), index_(shape.size()) {
    int64_t stride = 1;
    for (int64_t dim : shape) {
      strides_.push_back(stride);
      stride *= dim;
    }
  }
  int64_t next() {
    const int64_t at = at_;
    for (size_t i = shape_.size(); i-- > 0;) {
      at_ += strides_[i];
      if (++index_[i] < shape_[i]) break;
      at_ -= strides_[i] * shape_[i];
      index_[i] = 0;
    }
    return at;
  }

 private:
  std::vector<int64_t> shape_, index_, strides_;
  int64_t at_ = 0;
};

/// Elements stored as `From`, as a tensor of `To`.
template <class From, class To>
Tensor convert(const NpyHeader& header, std::span<const std::byte> bytes, int64_t count,
               const ByteReader& place) {
  Tensor tensor(Shape(header.shape), DTypeOf<To>::value);
  if (count == 0) return tensor;
  To* to = tensor.data<To>();
  if constexpr (std::is_same_v<From, To>)
    if (!header.column_major && !header.big_endian) {
      std::memcpy(to, bytes.data(), bytes.size());
      return tensor;
    }
  ColumnMajorWalk walk(header.shape);
  for (int64_t i = 0; i < count; ++i) {
    const int64_t at = header.column_major ? walk.next() : i;
    const From value = load<From>(bytes.data() + at * static_cast<int64_t>(sizeof(From)), header.big_endian);
    if constexpr (std::is_same_v<From, uint64_t>)
      if (value > static_cast<uint64_t>(INT64_MAX))
        place.fail(fmt::format("values up to 2^63 - 1 (element {})", i),
                   fmt::format("{}; store int64", value));
    if constexpr (std::is_same_v<To, bool>)
      to[i] = value != 0;  // any other byte in a bool would be undefined behaviour
    else
      to[i] = static_cast<To>(value);
  }
  return tensor;
}

/// Calls `to` with a value of the type in the file and one of the tensor's.
template <class F>
auto visit(const NpyHeader& header, F&& to) {
  switch (header.kind) {
    case 'f':
      if (header.size == 2) return to(Half{}, float{});
      return header.size == 4 ? to(float{}, float{}) : to(double{}, double{});
    case 'i':
      if (header.size == 1) return to(int8_t{}, int32_t{});
      if (header.size == 2) return to(int16_t{}, int32_t{});
      return header.size == 4 ? to(int32_t{}, int32_t{}) : to(int64_t{}, int64_t{});
    case 'u':
      if (header.size == 1) return to(uint8_t{}, uint8_t{});
      if (header.size == 2) return to(uint16_t{}, int32_t{});
      return header.size == 4 ? to(uint32_t{}, int64_t{}) : to(uint64_t{}, int64_t{});
    default:
      return to(uint8_t{}, bool{});
  }
}

std::span<const std::byte> bytes_in(const Tensor& tensor) {
  return {static_cast<const std::byte*>(tensor.raw()), static_cast<size_t>(tensor.bytes())};
}

}  // namespace

DType npy_dtype(const NpyHeader& header) {
  return visit(header, []<class From, class To>(From, To) { return DTypeOf<To>::value; });
}

bool npy_is_native(const NpyHeader& header) {
  return !header.big_endian && (!header.column_major || header.shape.size() < 2) &&
         visit(header, []<class From, class To>(From, To) { return std::is_same_v<From, To>; });
}

uint64_t npy_bytes(const NpyHeader& header, const ByteReader& reader) {
  int64_t any = 1, without_zeros = 8;  // 8: the widest a converted element can be
  try {
    for (int64_t dim : header.shape) {
      any *= dim != 0 ? 1 : 0;
      without_zeros = checked_multiply(without_zeros, dim != 0 ? dim : 1);
    }
    return static_cast<uint64_t>(checked_multiply(any * (without_zeros / 8), header.size));
  } catch (const Error&) {
    reader.fail("a shape that fits into memory", to_string(Shape(header.shape)) + "; the file is damaged");
  }
}

Tensor parse_npy_elements(const NpyHeader& header, std::span<const std::byte> bytes, const std::string& name,
                          uint64_t start) {
  const ByteReader place(bytes, name, start);
  const auto count = static_cast<int64_t>(bytes.size()) / header.size;
  return visit(
      header, [&]<class From, class To>(From, To) { return convert<From, To>(header, bytes, count, place); });
}

Tensor parse_npy(std::span<const std::byte> bytes, const std::string& name) {
  ByteReader reader(bytes, name);
  const NpyHeader header = read_npy_header(reader);
  const uint64_t expected = npy_bytes(header, reader);
  if (expected != reader.remaining())
    reader.fail(fmt::format("{} bytes for shape {}", expected, to_string(Shape(header.shape))),
                fmt::format("{}; the file is cut short or damaged", reader.remaining()));
  const uint64_t start = reader.position();
  return parse_npy_elements(header, reader.take(reader.remaining(), "elements"), name, start);
}

Tensor read_npy(const std::string& path, uint64_t limit) { return parse_npy(read_file(path, limit), path); }

void write_npy(const std::string& path, const Tensor& tensor) {
  AtomicFile file(path);
  file.write(npy_header_of(tensor));
  file.write(bytes_in(tensor));
  file.commit();
}

NpyWriter::NpyWriter(const std::string& path, Shape shape, DType dtype)
    : file_(path), left_(Tensor::view(nullptr, std::move(shape), dtype)) {
  file_.write(npy_header_of(left_));
}

void NpyWriter::add(const Tensor& rows) {
  const int64_t left = left_.shape()[0] - rows.shape()[0];
  ensure(left >= 0 && rows.dtype() == left_.dtype() && rows.shape().with(0, 0) == left_.shape().with(0, 0),
         "rows do not fit the file they are for");
  file_.write(bytes_in(rows));
  left_ = Tensor::view(nullptr, left_.shape().with(0, left), left_.dtype());
}

void NpyWriter::commit() {
  ensure(left_.shape()[0] == 0, "a file lacks rows");
  file_.commit();
}

NamedTensors read_npz(const std::string& path, uint64_t limit) {
  const ZipReader zip(path);
  uint64_t left = limit;
  NamedTensors tensors;
  for (const auto& member : zip.members()) {
    const std::string place = path + ": " + member.name;
    if (!member.name.ends_with(kEnding))
      throw Error(
          fmt::format("{}: expected an array named *.npy, found another file; save with numpy.savez", place));
    if (member.size > left)
      throw Error(fmt::format(
          "{}: expected at most {} bytes of arrays in the file, found more; raise the limit", place, limit));
    left -= member.size;
    const std::string name = member.name.substr(0, member.name.size() - kEnding.size());
    tensors.emplace_back(name, parse_npy(zip.read(member.name, member.size), place));
  }
  return tensors;
}

void write_npz(const std::string& path, const NamedTensors& tensors) {
  AtomicFile file(path);
  ZipWriter zip(file);
  for (const auto& [name, tensor] : tensors) {
    const auto header = npy_header_of(tensor);
    const std::span<const std::byte> pieces[] = {header, bytes_in(tensor)};
    zip.add(name + std::string(kEnding), pieces);
  }
  zip.finish();
  file.commit();
}

}  // namespace folio
