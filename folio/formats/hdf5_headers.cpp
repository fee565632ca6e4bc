// Object headers: lists of messages, in one piece or several.
#include <fmt/format.h>

#include "folio/base/error.h"
#include "folio/formats/hdf5_format.h"

namespace folio {
namespace {

constexpr size_t kMostMessages = 4096, kMostBlocks = 1024;

uint32_t rotated(uint32_t value, int by) { return value << by | value >> (32 - by); }

/// Jenkins' lookup3 with seed 0, the checksum of the newer structures.
uint32_t lookup3(std::span<const std::byte> bytes) {
  const auto word = [&](size_t at, size_t count) {
    uint32_t value = 0;
    for (size_t i = 0; i < count; ++i) value |= static_cast<uint32_t>(bytes[at + i]) << 8 * i;
    return value;
  };
  uint32_t a = 0xdeadbeef + static_cast<uint32_t>(bytes.size()), b = a, c = a;
  size_t at = 0, left = bytes.size();
  for (; left > 12; at += 12, left -= 12) {
    a += word(at, 4), b += word(at + 4, 4), c += word(at + 8, 4);
    a -= c, a ^= rotated(c, 4), c += b;
    b -= a, b ^= rotated(a, 6), a += c;
    c -= b, c ^= rotated(b, 8), b += a;
    a -= c, a ^= rotated(c, 16), c += b;
    b -= a, b ^= rotated(a, 19), a += c;
    c -= b, c ^= rotated(b, 4), b += a;
  }
  if (left == 0) return c;
  a += word(at, std::min<size_t>(left, 4));
  if (left > 4) b += word(at + 4, std::min<size_t>(left - 4, 4));
  if (left > 8) c += word(at + 8, left - 8);
  c ^= b, c -= rotated(b, 14);
  a ^= c, a -= rotated(c, 11);
  b ^= a, b -= rotated(a, 25);
  c ^= b, c -= rotated(b, 16);
  a ^= c, a -= rotated(c, 4);
  b ^= a, b -= rotated(a, 14);
  c ^= b, c -= rotated(b, 24);
  return c;
}

/// Takes a whole newer block and checks the four bytes at its end.
ByteReader checked_block(H5File& file, uint64_t address, uint64_t size, std::string_view what) {
  ByteReader whole = file.at(address, size, what);
  if (size < 8) whole.fail("at least 8 bytes of object header", fmt::format("{}; the file is damaged", size));
  const auto bytes = whole.take(size - 4, what);
  const auto stored = whole.little<uint32_t>("checksum");
  if (lookup3(bytes) != stored)
    whole.fail(fmt::format("checksum {:08x}", lookup3(bytes)),
               fmt::format("{:08x}; the file is damaged", stored));
  return ByteReader(bytes, file.name(), address);
}

/// Where the rest of a header lies.
struct Block {
  uint64_t address = 0, size = 0;
};

Block read_continuation(ByteReader body) {
  Block block;
  block.address = body.little<uint64_t>("address of more messages");
  block.size = body.little<uint64_t>("size of more messages");
  return block;
}

void check(const H5Message& message, size_t count) {
  if (count > kMostMessages)
    message.body.fail(fmt::format("at most {} messages in a header", kMostMessages),
                      "more; the file is damaged");
}

// Version 1: 16 bytes, then blocks of messages, each message with a header of 8 bytes.
std::vector<H5Message> read_old_header(H5File& file, uint64_t address) {
  ByteReader prefix = file.at(address, 16, "object header");
  prefix.take(2, "version");
  const auto count = prefix.little<uint16_t>("number of messages");
  prefix.take(4, "reference count");
  std::vector<Block> blocks{{address + 16, prefix.little<uint32_t>("header size")}};
  std::vector<H5Message> messages;
  size_t seen = 0;
  for (size_t i = 0; i < blocks.size() && seen < count; ++i) {
    if (i > 0) file.visit_once(blocks[i].address, "continued object header");
    ByteReader reader = file.at(blocks[i].address, blocks[i].size, "object header");
    while (reader.remaining() >= 8 && seen < count) {
      const auto kind = reader.little<uint16_t>("message"), size = reader.little<uint16_t>("message size");
      const auto flags = reader.little<uint8_t>("message flags");
      reader.take(3, "message");
      const uint64_t at = reader.position();
      const H5Message message{kind, flags, ByteReader(reader.take(size, "message"), file.name(), at)};
      check(message, ++seen);
      if (kind == h5::continuation)
        blocks.push_back(read_continuation(message.body));
      else if (kind != h5::nil)
        messages.push_back(message);
    }
    if (blocks.size() > kMostBlocks) reader.fail("a header in few pieces", "too many; the file is damaged");
  }
  if (seen != count)
    prefix.fail(fmt::format("{} messages in the header", count),
                fmt::format("{}; the file is damaged", seen));
  return messages;
}

// Version 2: "OHDR", then messages with headers of 4 or 6 bytes, and a checksum; further blocks begin with
// "OCHK".
std::vector<H5Message> read_new_header(H5File& file, uint64_t address) {
  ByteReader prefix = file.from(address, "object header");
  prefix.take(5, "object header");
  const auto flags = prefix.little<uint8_t>("flags");
  prefix.take((flags & 0x20 ? 16 : 0) + (flags & 0x10 ? 4 : 0), "object header");
  uint64_t size = 0;
  switch (flags & 3) {
    case 0:
      size = prefix.little<uint8_t>("header size");
      break;
    case 1:
      size = prefix.little<uint16_t>("header size");
      break;
    case 2:
      size = prefix.little<uint32_t>("header size");
      break;
    default:
      size = prefix.little<uint64_t>("header size");
  }
  const uint64_t before = prefix.position() - address;
  if (size > file.size())
    prefix.fail(fmt::format("a header within {} bytes", file.size()), fmt::format("{}", size));
  const uint64_t message_header = flags & 0x04 ? 6 : 4;

  std::vector<Block> blocks{{address, before + size + 4}};
  std::vector<H5Message> messages;
  size_t seen = 0;
  for (size_t i = 0; i < blocks.size(); ++i) {
    if (i > 0) file.visit_once(blocks[i].address, "continued object header");
    ByteReader reader = checked_block(file, blocks[i].address, blocks[i].size, "object header");
    if (i == 0)
      reader.take(before, "object header");
    else if (reader.take_text(4, "signature") != "OCHK")
      reader.fail("a continued object header", "other bytes; the file is damaged");
    while (reader.remaining() >= message_header) {
      const auto kind = reader.little<uint8_t>("message");
      const auto bytes = reader.little<uint16_t>("message size");
      const auto message_flags = reader.little<uint8_t>("message flags");
      reader.take(message_header - 4, "creation order");
      const uint64_t at = reader.position();
      const H5Message message{kind, message_flags,
                              ByteReader(reader.take(bytes, "message"), file.name(), at)};
      check(message, ++seen);
      if (kind == h5::continuation)
        blocks.push_back(read_continuation(message.body));
      else if (kind != h5::nil)
        messages.push_back(message);
    }
    if (blocks.size() > kMostBlocks) reader.fail("a header in few pieces", "too many; the file is damaged");
  }
  return messages;
}

}  // namespace

ByteReader H5File::at(uint64_t address, uint64_t size, std::string_view what) {
  ByteReader reader = from(address, what);
  spend(size);
  return ByteReader(reader.take(size, what), name_, address);
}

ByteReader H5File::from(uint64_t address, std::string_view what) const {
  if (address > bytes_.size())
    throw Error(
        fmt::format("{}: at byte {}: expected {}, found the end of the file at {}; the file is cut short or "
                    "damaged",
                    name_, address, what, bytes_.size()));
  return ByteReader(bytes_.subspan(address), name_, address);
}

void H5File::spend(uint64_t bytes) {
  if (bytes > budget_)
    throw Error(
        name_ +
        ": expected a sound HDF5 file, found structure that leads to the same bytes over and over; the "
        "file is not safe to use");
  budget_ -= bytes;
}

void H5File::visit_once(uint64_t address, std::string_view what) {
  if (!visited_.insert(address).second)
    throw Error(fmt::format(
        "{}: at byte {}: expected a tree of groups, found a second way to the same {}; the file is "
        "not safe to use, save the model again",
        name_, address, what));
}

std::vector<H5Message> read_h5_header(H5File& file, uint64_t address) {
  file.visit_once(address, "object");
  ByteReader reader = file.from(address, "object header");
  const auto start = reader.take_text(5, "object header");
  if (start[0] == 1) return read_old_header(file, address);
  if (start == std::string_view("OHDR\x02", 5)) return read_new_header(file, address);
  file.from(address, "object header").fail("an object header", "other bytes; the file is damaged");
}

}  // namespace folio
