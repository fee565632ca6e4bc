// Stored elements to tensors.
#include <fmt/format.h>

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "folio/base/error.h"
#include "folio/formats/hdf5_format.h"

namespace folio {
namespace {

uint64_t word_at(const std::byte* at, uint32_t size, bool big_endian) {
  uint64_t word = 0;
  for (uint32_t i = 0; i < size; ++i) {
    const auto byte = static_cast<uint64_t>(at[i]);
    word |= byte << 8 * (big_endian ? size - 1 - i : i);
  }
  return word;
}

// IEEE half precision: 1 sign, 5 exponent, 10 mantissa bits.
float from_half(uint64_t word) {
  const int exponent = word >> 10 & 31, mantissa = word & 1023;
  float value;
  if (exponent == 31)
    value = mantissa ? std::numeric_limits<float>::quiet_NaN() : std::numeric_limits<float>::infinity();
  else if (exponent == 0)
    value = std::ldexp(static_cast<float>(mantissa), -24);
  else
    value = std::ldexp(static_cast<float>(1024 + mantissa), exponent - 25);
  return word & 0x8000 ? -value : value;
}

template <class T, class Convert>
void convert(const std::byte* from, const H5Type& type, Tensor& to, Convert&& one) {
  T* values = to.data<T>();
  for (int64_t i = 0; i < to.count(); ++i)
    values[i] = one(word_at(from + i * type.size, type.size, type.big_endian));
}

// Bits of a narrow whole number, widened with its sign.
int64_t widened(uint64_t word, const H5Type& type) {
  const int unused = 64 - 8 * static_cast<int>(type.size);
  return type.is_signed ? static_cast<int64_t>(word << unused) >> unused : static_cast<int64_t>(word);
}

}  // namespace

DType folio_type(const H5Type& type) {
  switch (type.kind) {
    case H5Type::Kind::truth:
      return DType::boolean;
    case H5Type::Kind::real:
      return type.size == 8 ? DType::float64 : DType::float32;
    default:
      break;
  }
  if (type.size == 1 && !type.is_signed) return DType::uint8;
  const bool fits_int32 = type.size < 4 || (type.size == 4 && type.is_signed);
  return fits_int32 ? DType::int32 : DType::int64;
}

Tensor read_h5_values(std::span<const std::byte> bytes, const H5Object& object, const std::string& name,
                      const std::string& place) {
  const auto fail = [&](const std::string& expected, const std::string& got) {
    throw Error(fmt::format("{}: {}: expected {}, got {}; the file is damaged or not safe to use", name,
                            place, expected, got));
  };
  const H5Type& type = object.type;
  // The reader counted the elements when it read the shape.
  const int64_t count = object.shape.count();
  int64_t size;
  if (__builtin_mul_overflow(count, static_cast<int64_t>(type.size), &size))
    fail("a shape that fits the file", to_string(object.shape));
  std::vector<std::byte> joined;
  std::span<const std::byte> data;
  if (size == 0) {
    // Nothing is stored for nothing.
  } else if (object.storage.kind == H5Storage::Kind::chunked) {
    joined = read_h5_chunks(bytes, object, name, place);
    data = joined;
  } else {
    const H5Storage& storage = object.storage;
    if (storage.address == kH5Nowhere)
      fail(fmt::format("{} bytes of values for {}", size, to_string(object.shape)), "none stored");
    if (storage.size != static_cast<uint64_t>(size))
      fail(fmt::format("{} bytes of values for {}", size, to_string(object.shape)),
           fmt::format("{}", storage.size));
    if (storage.address > bytes.size() || storage.size > bytes.size() - storage.address)
      fail(fmt::format("{} bytes at byte {}", size, storage.address),
           fmt::format("a file of {} bytes", bytes.size()));
    data = bytes.subspan(storage.address, storage.size);
  }

  Tensor result(object.shape, folio_type(type));
  const std::byte* from = data.data();
  const bool as_it_is = !type.big_endian && size_of(result.dtype()) == static_cast<int64_t>(type.size) &&
                        type.kind != H5Type::Kind::truth &&
                        (type.kind == H5Type::Kind::real || type.is_signed || type.size == 1);
  if (size == 0) return result;
  if (as_it_is) {
    std::memcpy(result.raw(), from, static_cast<size_t>(size));
    return result;
  }
  switch (result.dtype()) {
    case DType::boolean:
      convert<bool>(from, type, result, [](uint64_t word) { return word != 0; });
      break;
    case DType::uint8:
      convert<uint8_t>(from, type, result, [](uint64_t word) { return static_cast<uint8_t>(word); });
      break;
    case DType::int32:
      convert<int32_t>(from, type, result,
                       [&](uint64_t word) { return static_cast<int32_t>(widened(word, type)); });
      break;
    case DType::int64:
      convert<int64_t>(from, type, result, [&](uint64_t word) {
        if (!type.is_signed && word >> 63) fail("whole numbers below 2^63", fmt::format("{}", word));
        return widened(word, type);
      });
      break;
    case DType::float64:
      convert<double>(from, type, result, [](uint64_t word) { return std::bit_cast<double>(word); });
      break;
    case DType::float32:
      convert<float>(from, type, result, [&](uint64_t word) {
        if (type.brain) return std::bit_cast<float>(static_cast<uint32_t>(word << 16));
        return type.size == 2 ? from_half(word) : std::bit_cast<float>(static_cast<uint32_t>(word));
      });
      break;
  }
  return result;
}

}  // namespace folio
