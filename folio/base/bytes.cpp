#include "folio/base/bytes.h"

#include <fmt/format.h>

#include <cstring>

#include "folio/base/error.h"

namespace folio {

void ByteSource::read_at(uint64_t offset, std::span<std::byte> into) const {
  // Not `offset + into.size() > size()`: that sum can wrap around.
  if (offset > size() || into.size() > size() - offset)
    throw Error(fmt::format("{}: at byte {}: expected {} bytes, found {}; the file is cut short or damaged",
                            name_, offset, into.size(), offset > size() ? 0 : size() - offset));
  if (!into.empty()) fetch(offset, into);
}

std::vector<std::byte> ByteSource::copy(uint64_t offset, uint64_t count) const {
  if (offset > size() || count > size() - offset)
    throw Error(fmt::format("{}: at byte {}: expected {} bytes, found {}; the file is cut short or damaged",
                            name_, offset, count, offset > size() ? 0 : size() - offset));
  std::vector<std::byte> bytes(count);
  read_at(offset, bytes);
  return bytes;
}

void MemorySource::fetch(uint64_t offset, std::span<std::byte> into) const {
  std::memcpy(into.data(), bytes_.data() + offset, into.size());
}

std::span<const std::byte> ByteReader::take(uint64_t count, std::string_view what) {
  if (count > remaining())
    throw Error(
        fmt::format("{}: at byte {}: expected {} bytes of {}, found {}; the file is cut short or damaged",
                    name_, position(), count, what, remaining()));
  const auto taken = bytes_.subspan(at_, count);
  at_ += count;
  return taken;
}

std::string_view ByteReader::take_text(uint64_t count, std::string_view what) {
  const auto bytes = take(count, what);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

void ByteReader::fail(std::string_view expected, std::string_view found) const {
  throw Error(fmt::format("{}: at byte {}: expected {}, found {}", name_, position(), expected, found));
}

}  // namespace folio
