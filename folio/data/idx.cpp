#include "folio/data/idx.h"

#include <fmt/format.h>

#include <bit>
#include <cstring>
#include <type_traits>

#include "folio/base/checked.h"
#include "folio/base/error.h"
#include "folio/base/gzip.h"

namespace folio {
namespace {

constexpr int kMostDimensions = 8;
constexpr uint64_t kLongestHeader = 4 + 4 * kMostDimensions;

struct Header {
  uint8_t type = 0;
  int64_t size = 0;  // of one element
  Shape shape;
  uint64_t whole = 0;  // bytes of the file: header and elements
};

Header read_header(ByteReader& reader) {
  const ByteReader at_start = reader;
  Header header;
  const auto zeros = reader.big<uint16_t>("magic number");
  header.type = reader.big<uint8_t>("element type");
  const auto rank = reader.big<uint8_t>("number of dimensions");
  switch (header.type) {
    case 0x08:
    case 0x09:
      header.size = 1;
      break;
    case 0x0B:
      header.size = 2;
      break;
    case 0x0C:
    case 0x0D:
      header.size = 4;
      break;
    case 0x0E:
      header.size = 8;
      break;
  }
  if (zeros != 0 || header.size == 0 || rank < 1 || rank > kMostDimensions)
    at_start.fail("the magic number of an IDX file (as 00 00 08 03)",
                  fmt::format("{:02x} {:02x} {:02x} {:02x}; this is another kind of file", zeros >> 8,
                              zeros & 255, header.type, rank));
  std::vector<int64_t> dims;
  for (int i = 0; i < rank; ++i) dims.push_back(reader.big<uint32_t>("a dimension"));
  header.shape = Shape(dims);
  try {
    const int64_t elements = checked_multiply(header.shape.count(), header.size);
    checked_multiply(elements, 4);  // int8 becomes int32
    header.whole = static_cast<uint64_t>(checked_add(elements, static_cast<int64_t>(reader.position())));
  } catch (const Error&) {
    reader.fail("dimensions that fit into memory", to_string(header.shape) + "; the file is damaged");
  }
  return header;
}

template <class From, class To>
Tensor elements(const Header& header, ByteReader& reader) {
  // Sizes of the same width, so that a floating number is turned around as an integer.
  using Bits =
      std::conditional_t<sizeof(From) == 4, uint32_t, std::conditional_t<sizeof(From) == 8, uint64_t, From>>;
  Tensor tensor(header.shape, DTypeOf<To>::value);
  To* to = tensor.data<To>();
  const int64_t count = tensor.count();
  if constexpr (sizeof(From) == 1 && std::is_same_v<From, To>) {
    const auto bytes = reader.take(static_cast<uint64_t>(count), "elements");
    if (count > 0) std::memcpy(to, bytes.data(), bytes.size());
  } else {
    for (int64_t i = 0; i < count; ++i)
      to[i] = static_cast<To>(std::bit_cast<From>(reader.big<Bits>("elements")));
  }
  return tensor;
}

}  // namespace

Tensor read_idx(const std::string& path, uint64_t limit) {
  // The header first, so that a file that inflates to far more than it says is left after one byte too many.
  const auto start = read_maybe_gzip(path, kLongestHeader, AtLimit::stop);
  ByteReader start_reader(start, path);
  const Header header = read_header(start_reader);
  if (header.whole > limit)
    start_reader.fail(
        fmt::format("at most {} bytes", limit),
        fmt::format("dimensions {}, which take {}; raise the limit", to_string(header.shape), header.whole));
  const auto bytes = read_maybe_gzip(path, header.whole + 1, AtLimit::stop);
  ByteReader reader(bytes, path);
  reader.take(start_reader.position(), "header");
  if (bytes.size() != header.whole)
    reader.fail(fmt::format("{} bytes of elements for dimensions {}", header.whole - reader.position(),
                            to_string(header.shape)),
                bytes.size() > header.whole ? "more; the file is damaged"
                                            : fmt::format("{}; the file is cut short", reader.remaining()));
  switch (header.type) {
    case 0x08:
      return elements<uint8_t, uint8_t>(header, reader);
    case 0x09:
      return elements<int8_t, int32_t>(header, reader);
    case 0x0B:
      return elements<int16_t, int32_t>(header, reader);
    case 0x0C:
      return elements<int32_t, int32_t>(header, reader);
    case 0x0D:
      return elements<float, float>(header, reader);
    default:
      return elements<double, double>(header, reader);
  }
}

}  // namespace folio
