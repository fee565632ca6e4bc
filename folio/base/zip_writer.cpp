#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "folio/base/error.h"
#include "folio/base/zip.h"

namespace folio {
namespace {

constexpr uint16_t kVersion = 20, kLargeVersion = 45;
constexpr uint16_t kMadeOnUnix = 3 << 8;
constexpr uint16_t kNameIsUtf8 = 1 << 11;
constexpr uint32_t kFirstDate = (1 << 5 | 1) << 16;  // 1980-01-01 00:00, the format's zero
constexpr uint32_t kReadable = uint32_t{0100644} << 16;
constexpr uint32_t kInExtra = 0xFFFFFFFF;

// The seal is the file's comment: this text and eight hexadecimal digits.
constexpr std::string_view kSeal = "crc32 of all bytes before these digits: ";
constexpr size_t kSealSize = kSeal.size() + 8;

uint32_t checksum_of(std::span<const std::byte> bytes, uint32_t before) {
  if (bytes.empty()) return before;
  return static_cast<uint32_t>(crc32_z(before, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size()));
}

uint16_t flags_of(const std::string& name) {
  for (char c : name)
    if (c & 0x80) return kNameIsUtf8;
  return 0;
}

}  // namespace

void ZipWriter::add(const std::string& name, std::span<const std::span<const std::byte>> pieces) {
  ensure(!finished_, "a member was added to a finished zip file");
  if (const std::string fault = fault_of_zip_name(name); !fault.empty())
    throw Error(fmt::format("\"{}\": expected a plain name for a zip member, got one that {}; choose another",
                            name, fault));
  if (!names_.insert(name).second)
    throw Error(
        fmt::format("\"{}\": expected different names of zip members, got it twice; rename one", name));
  if (names_.size() > kMostZipMembers)
    throw Error(
        fmt::format("\"{}\": expected at most {} members of a zip file, got more; write several files", name,
                    kMostZipMembers));

  Entry entry{name, 0, file_.position(), 0};
  for (const auto& piece : pieces) {
    entry.size += piece.size();
    entry.checksum = checksum_of(piece, entry.checksum);
  }

  const bool large = entry.size >= large_from_;
  const uint32_t short_size = large ? kInExtra : static_cast<uint32_t>(entry.size);
  std::vector<std::byte> header;
  append_little<uint32_t>(header, 0x04034b50);
  append_little<uint16_t>(header, large ? kLargeVersion : kVersion);
  append_little<uint16_t>(header, flags_of(name));
  append_little<uint16_t>(header, 0);  // stored
  append_little<uint32_t>(header, kFirstDate);
  append_little<uint32_t>(header, entry.checksum);
  append_little<uint32_t>(header, short_size);
  append_little<uint32_t>(header, short_size);
  append_little<uint16_t>(header, static_cast<uint16_t>(name.size()));
  append_little<uint16_t>(header, large ? 20 : 0);
  const auto name_bytes = bytes_of(name);
  header.insert(header.end(), name_bytes.begin(), name_bytes.end());
  if (large) {
    append_little<uint16_t>(header, 1);
    append_little<uint16_t>(header, 16);
    append_little<uint64_t>(header, entry.size);
    append_little<uint64_t>(header, entry.size);
  }
  write(header);
  for (const auto& piece : pieces) write(piece);
  entries_.push_back(std::move(entry));
}

void ZipWriter::finish() {
  ensure(!finished_, "a zip file was finished twice");
  finished_ = true;
  const uint64_t start = file_.position();
  std::vector<std::byte> table;
  for (const Entry& entry : entries_) {
    const bool large_size = entry.size >= large_from_, large_offset = entry.offset >= large_from_;
    const uint16_t extra = static_cast<uint16_t>((large_size ? 16 : 0) + (large_offset ? 8 : 0));
    append_little<uint32_t>(table, 0x02014b50);
    append_little<uint16_t>(table, kMadeOnUnix | (extra ? kLargeVersion : kVersion));
    append_little<uint16_t>(table, extra ? kLargeVersion : kVersion);
    append_little<uint16_t>(table, flags_of(entry.name));
    append_little<uint16_t>(table, 0);
    append_little<uint32_t>(table, kFirstDate);
    append_little<uint32_t>(table, entry.checksum);
    for (int i = 0; i < 2; ++i)
      append_little<uint32_t>(table, large_size ? kInExtra : static_cast<uint32_t>(entry.size));
    append_little<uint16_t>(table, static_cast<uint16_t>(entry.name.size()));
    append_little<uint16_t>(table, extra ? static_cast<uint16_t>(extra + 4) : 0);
    append_little<uint16_t>(table, 0);  // comment
    append_little<uint16_t>(table, 0);  // disk
    append_little<uint16_t>(table, 0);  // internal attributes
    append_little<uint32_t>(table, kReadable);
    append_little<uint32_t>(table, large_offset ? kInExtra : static_cast<uint32_t>(entry.offset));
    const auto name_bytes = bytes_of(entry.name);
    table.insert(table.end(), name_bytes.begin(), name_bytes.end());
    if (extra) {
      append_little<uint16_t>(table, 1);
      append_little<uint16_t>(table, extra);
      for (int i = 0; large_size && i < 2; ++i) append_little<uint64_t>(table, entry.size);
      if (large_offset) append_little<uint64_t>(table, entry.offset);
    }
  }

  const uint64_t size = table.size(), count = entries_.size(), end = start + size;
  const bool large = start >= large_from_ || size >= large_from_ || count >= 0xFFFF;
  if (large) {
    append_little<uint32_t>(table, 0x06064b50);
    append_little<uint64_t>(table, 44);  // bytes that follow in this record
    append_little<uint16_t>(table, kMadeOnUnix | kLargeVersion);
    append_little<uint16_t>(table, kLargeVersion);
    append_little<uint64_t>(table, 0);  // disks
    append_little<uint64_t>(table, count);
    append_little<uint64_t>(table, count);
    append_little<uint64_t>(table, size);
    append_little<uint64_t>(table, start);
    append_little<uint32_t>(table, 0x07064b50);
    append_little<uint32_t>(table, 0);  // disk
    append_little<uint64_t>(table, end);
    append_little<uint32_t>(table, 1);  // disks
  }
  append_little<uint32_t>(table, 0x06054b50);
  append_little<uint32_t>(table, 0);  // disks
  for (int i = 0; i < 2; ++i)
    append_little<uint16_t>(table, count >= 0xFFFF ? 0xFFFF : static_cast<uint16_t>(count));
  append_little<uint32_t>(table, size >= large_from_ ? kInExtra : static_cast<uint32_t>(size));
  append_little<uint32_t>(table, start >= large_from_ ? kInExtra : static_cast<uint32_t>(start));
  append_little<uint16_t>(table, sealed_ ? kSealSize : 0);
  const auto seal = bytes_of(kSeal);
  if (sealed_) table.insert(table.end(), seal.begin(), seal.end());
  write(table);
  if (sealed_) file_.write(bytes_of(fmt::format("{:08x}", seal_)));
}

void ZipWriter::write(std::span<const std::byte> bytes) {
  if (sealed_) seal_ = checksum_of(bytes, seal_);
  file_.write(bytes);
}

void check_seal(const ByteSource& file) {
  constexpr uint64_t kPiece = 1 << 20;
  const uint64_t sealed = file.size() < kSealSize ? 0 : file.size() - 8;
  uint32_t checksum = 0;
  for (uint64_t at = 0; at < sealed; at += kPiece)
    checksum = checksum_of(file.copy(at, std::min(kPiece, sealed - at)), checksum);
  const auto end = file.copy(sealed, file.size() - sealed);
  if (std::string_view(reinterpret_cast<const char*>(end.data()), end.size()) !=
      fmt::format("{:08x}", checksum))
    throw Error(
        fmt::format("{}: expected a file that ends with the checksum of its bytes, got another; it "
                    "was changed or cut short",
                    file.name()));
}

}  // namespace folio
