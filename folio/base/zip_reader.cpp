#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>

#include "folio/base/error.h"
#include "folio/base/gzip.h"
#include "folio/base/zip.h"

namespace folio {
namespace {

// Signatures and sizes of the records, from the format's specification (APPNOTE.TXT 6.3).
constexpr uint32_t kHeader = 0x04034b50, kEntry = 0x02014b50, kEnd = 0x06054b50;
constexpr uint32_t kLargeEnd = 0x06064b50, kLocator = 0x07064b50;
constexpr uint64_t kHeaderSize = 30, kEntrySize = 46, kEndSize = 22, kLargeEndSize = 56, kLocatorSize = 20;
constexpr uint32_t kInExtra32 = 0xFFFFFFFF;  // the real value is in the zip64 extra field
constexpr uint16_t kInExtra16 = 0xFFFF;
constexpr uint16_t kEncrypted = 1 | 1 << 6 | 1 << 13, kSizesFollow = 1 << 3;

constexpr uint64_t kMostDirectory = 64 << 20;

/// The zip64 values of an entry: in this order, those whose 32-bit field says so.
void read_extra(std::span<const std::byte> extra, const std::string& name, uint64_t start,
                std::initializer_list<uint64_t*> values) {
  ByteReader reader(extra, name, start);
  const bool wanted = std::any_of(values.begin(), values.end(), [](auto* v) { return *v == kInExtra32; });
  while (wanted && reader.remaining() >= 4) {
    const auto kind = reader.little<uint16_t>("extra field");
    const auto size = reader.little<uint16_t>("extra field");
    const uint64_t at = reader.position();
    ByteReader field(reader.take(size, "extra field"), name, at);
    if (kind != 1) continue;
    for (uint64_t* value : values)
      if (*value == kInExtra32) *value = field.little<uint64_t>("zip64 size or offset");
    return;
  }
  // Without the field the values stand for themselves; 0xFFFFFFFF then fails the bounds, as it should.
}

}  // namespace

std::string fault_of_zip_name(const std::string& name) {
  if (name.empty()) return "is empty";
  if (name.size() > 4096) return "is longer than 4096 bytes";
  for (unsigned char c : name)
    if (c < 32 || c == 127) return "holds a control character";
  if (name.front() == '/' || name.find('\\') != std::string::npos || name.find(":/") == 1)
    return "is not relative";
  for (size_t from = 0; from <= name.size();) {
    const size_t to = std::min(name.find('/', from), name.size());
    const std::string part = name.substr(from, to - from);
    if (part == ".." || part == ".") return "has a part \"..\" or \".\"";
    if (part.empty() && to != name.size()) return "has an empty part";
    from = to + 1;
  }
  return "";
}

ZipReader::ZipReader(const std::string& path) : ZipReader(std::make_unique<FileSource>(path)) {}

ZipReader::ZipReader(std::unique_ptr<ByteSource> source) : source_(std::move(source)) {
  const Directory directory = find_directory();
  read_directory(directory);
  for (size_t i = 0; i < members_.size(); ++i) check_header(members_[i], places_[i]);
  check_overlap(directory.start);
}

ZipReader::Directory ZipReader::find_directory() const {
  const uint64_t size = source_->size();
  // The end record is the last thing but a comment, which has at most 65535 bytes.
  const uint64_t tail_size = std::min<uint64_t>(size, kEndSize + 0xFFFF), tail_start = size - tail_size;
  const auto tail = source_->copy(tail_start, tail_size);
  for (uint64_t at = tail_size < kEndSize ? 0 : tail_size - kEndSize + 1; at-- > 0;) {
    ByteReader reader(std::span<const std::byte>(tail).subspan(at), source_->name(), tail_start + at);
    if (reader.little<uint32_t>("signature") != kEnd) continue;
    const auto disk = reader.little<uint16_t>("disk number"),
               start_disk = reader.little<uint16_t>("disk number");
    const auto here = reader.little<uint16_t>("members"), all = reader.little<uint16_t>("members");
    const auto bytes = reader.little<uint32_t>("table size"), start = reader.little<uint32_t>("table offset");
    if (reader.little<uint16_t>("comment size") != reader.remaining()) continue;  // chance bytes of a comment
    if (disk != 0 || start_disk != 0 || here != all)
      reader.fail("a zip file in one piece", "one of several; join them first");

    const uint64_t end = tail_start + at;
    Directory directory{start, bytes, all};
    bool large = all == kInExtra16 || bytes == kInExtra32 || start == kInExtra32;
    if (end >= kLocatorSize) {
      const auto locator = source_->copy(end - kLocatorSize, 4);
      large |= ByteReader(locator, source_->name()).little<uint32_t>("signature") == kLocator;
    }
    if (large) {
      if (end < kLocatorSize + kLargeEndSize) reader.fail("a zip64 end record", "no room for one");
      directory = find_large_directory(end - kLocatorSize);
      if ((all != kInExtra16 && all != directory.count) || (bytes != kInExtra32 && bytes != directory.size) ||
          (start != kInExtra32 && start != directory.start))
        reader.fail("the same table of contents as in the zip64 record", "another; the file is damaged");
    } else if (uint64_t{start} + bytes != end) {
      reader.fail(fmt::format("the table of contents just before, at {} with {} bytes", start, bytes),
                  fmt::format("a gap or overlap, as this is byte {}; the file is damaged", end));
    }
    if (directory.count > kMostZipMembers || directory.size > kMostDirectory)
      reader.fail(fmt::format("at most {} members", kMostZipMembers), fmt::format("{}", directory.count));
    if (directory.count * kEntrySize > directory.size)
      reader.fail(fmt::format("a table of at least {} bytes for {} members", directory.count * kEntrySize,
                              directory.count),
                  fmt::format("{}; the file is damaged", directory.size));
    return directory;
  }
  throw Error(
      fmt::format("{}: at byte {}: expected the end record of a zip file, found none; the file is cut short "
                  "or no zip file",
                  source_->name(), size));
}

ZipReader::Directory ZipReader::find_large_directory(uint64_t locator) const {
  const auto bytes = source_->copy(locator, kLocatorSize);
  ByteReader reader(bytes, source_->name(), locator);
  if (reader.little<uint32_t>("signature") != kLocator)
    reader.fail("a zip64 locator", "other bytes; the file is damaged");
  const auto disk = reader.little<uint32_t>("disk number");
  const auto at = reader.little<uint64_t>("offset of the zip64 record");
  if (disk != 0 || reader.little<uint32_t>("number of disks") > 1 || at != locator - kLargeEndSize)
    reader.fail(fmt::format("the zip64 record at byte {}", locator - kLargeEndSize),
                fmt::format("{}; the file is damaged", at));

  const auto record = source_->copy(at, kLargeEndSize);
  ByteReader end(record, source_->name(), at);
  const bool sound = end.little<uint32_t>("signature") == kLargeEnd &&
                     end.little<uint64_t>("size of the record") == kLargeEndSize - 12;
  end.take(4, "versions");
  const uint64_t disks = end.little<uint64_t>("disk numbers");
  const auto here = end.little<uint64_t>("members"), all = end.little<uint64_t>("members");
  const auto size = end.little<uint64_t>("table size"), start = end.little<uint64_t>("table offset");
  if (!sound || disks != 0 || here != all || start > at || size != at - start)
    end.fail("a zip64 record just behind its table of contents", "other values; the file is damaged");
  return {start, size, all};
}

void ZipReader::read_directory(const Directory& directory) {
  const auto table = source_->copy(directory.start, directory.size);
  ByteReader reader(table, source_->name(), directory.start);
  for (uint64_t i = 0; i < directory.count; ++i) read_entry(reader);
  if (reader.remaining() != 0)
    reader.fail("the end of the table of contents", fmt::format("{} bytes more", reader.remaining()));
}

void ZipReader::read_entry(ByteReader& reader) {
  const ByteReader at_entry = reader;  // for messages
  if (reader.little<uint32_t>("signature") != kEntry)
    at_entry.fail("an entry of the table of contents", "other bytes; the file is damaged");
  reader.take(4, "versions");
  const auto flags = reader.little<uint16_t>("flags"), method = reader.little<uint16_t>("method");
  reader.take(4, "date");
  const auto checksum = reader.little<uint32_t>("checksum");
  uint64_t packed = reader.little<uint32_t>("packed size"), size = reader.little<uint32_t>("size");
  const auto name_size = reader.little<uint16_t>("name size"),
             extra_size = reader.little<uint16_t>("extra size");
  const auto comment_size = reader.little<uint16_t>("comment size");
  reader.take(8, "attributes");
  uint64_t header = reader.little<uint32_t>("header offset");
  const std::string name(reader.take_text(name_size, "name"));
  const uint64_t extra_start = reader.position();
  read_extra(reader.take(extra_size, "extra field"), source_->name(), extra_start, {&size, &packed, &header});
  reader.take(comment_size, "comment");

  if (const std::string fault = fault_of_zip_name(name); !fault.empty())
    at_entry.fail("a plain relative member name",
                  fmt::format("one that {}; the file is not safe to use", fault));
  if (flags & kEncrypted)
    at_entry.fail("a plain member", fmt::format("\"{}\", encrypted; unpack it first", name));
  if (name.back() == '/' && size == 0) return;
  if (method != 0 && method != 8)
    at_entry.fail("a stored or deflated member",
                  fmt::format("\"{}\" packed by method {}; pack it again", name, method));
  if (method == 0 && size != packed)
    at_entry.fail("equal sizes of a stored member",
                  fmt::format("{} and {}; the file is damaged", size, packed));
  if (!index_.emplace(name, members_.size()).second)
    at_entry.fail("different member names", fmt::format("\"{}\" twice; the file is not safe to use", name));
  members_.push_back({name, size});
  places_.push_back({header, 0, packed, checksum, method == 8});
}

void ZipReader::check_header(const Member& member, Place& place) const {
  const auto fixed = source_->copy(place.header, kHeaderSize);
  ByteReader reader(fixed, source_->name(), place.header);
  const ByteReader at_header = reader;
  const bool signed_well = reader.little<uint32_t>("signature") == kHeader;
  reader.take(2, "version");
  const auto flags = reader.little<uint16_t>("flags"), method = reader.little<uint16_t>("method");
  reader.take(4, "date");
  const auto checksum = reader.little<uint32_t>("checksum");
  uint64_t packed = reader.little<uint32_t>("packed size"), size = reader.little<uint32_t>("size");
  const auto name_size = reader.little<uint16_t>("name size"),
             extra_size = reader.little<uint16_t>("extra size");

  const auto rest = source_->copy(place.header + kHeaderSize, uint64_t{name_size} + extra_size);
  ByteReader rest_reader(rest, source_->name(), place.header + kHeaderSize);
  const std::string name(rest_reader.take_text(name_size, "name"));
  const uint64_t extra_start = rest_reader.position();
  read_extra(rest_reader.take(extra_size, "extra field"), source_->name(), extra_start, {&size, &packed});

  // Two programs must not see two different members in one file.
  bool same = signed_well && name == member.name && (method == 8) == place.deflated && !(flags & kEncrypted);
  if (!(flags & kSizesFollow))
    same = same && size == member.size && packed == place.packed_size && checksum == place.checksum;
  if (!same)
    at_header.fail(fmt::format("the header of \"{}\" as the table of contents gives it", member.name),
                   "another; the file is damaged");
  place.data = place.header + kHeaderSize + name_size + extra_size;
}

void ZipReader::check_overlap(uint64_t directory_start) const {
  std::vector<size_t> order(places_.size());
  for (size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(),
            [&](size_t a, size_t b) { return places_[a].header < places_[b].header; });
  for (size_t i = 0; i < order.size(); ++i) {
    const Place& place = places_[order[i]];
    const uint64_t next = i + 1 < order.size() ? places_[order[i + 1]].header : directory_start;
    if (place.data > next || place.packed_size > next - place.data)
      throw Error(fmt::format(
          "{}: at byte {}: expected {} bytes of \"{}\", found {} before the next part; the file is "
          "damaged",
          source_->name(), place.data, place.packed_size, members_[order[i]].name,
          place.data > next ? 0 : next - place.data));
  }
}

bool ZipReader::contains(const std::string& name) const { return index_.count(name) != 0; }

size_t ZipReader::place_of(const std::string& name) const {
  const auto found = index_.find(name);
  if (found == index_.end())
    throw Error(
        fmt::format("{}: expected a member \"{}\", found none among {}; check that this is the right file",
                    source_->name(), name, members_.size()));
  return found->second;
}

std::optional<uint64_t> ZipReader::stored_at(const std::string& name) const {
  const Place& place = places_[place_of(name)];
  return place.deflated ? std::nullopt : std::optional(place.data);
}

std::vector<std::byte> ZipReader::read(const std::string& name, uint64_t limit) const {
  const size_t at = place_of(name);
  const Member& member = members_[at];
  const Place& place = places_[at];
  if (member.size > limit)
    throw Error(fmt::format("{}: at byte {}: expected at most {} bytes in \"{}\", found {}; raise the limit",
                            source_->name(), place.header, limit, name, member.size));
  auto bytes = place.deflated ? inflate(*source_, place.data, place.packed_size, Wrapping::none, member.size)
                              : source_->copy(place.data, place.packed_size);
  if (bytes.size() != member.size)
    throw Error(fmt::format("{}: at byte {}: expected {} bytes in \"{}\", found {}; the file is damaged",
                            source_->name(), place.data, member.size, name, bytes.size()));
  const auto checksum = crc32_z(0, reinterpret_cast<const Bytef*>(bytes.data()), bytes.size());
  if (static_cast<uint32_t>(checksum) != place.checksum)
    throw Error(
        fmt::format("{}: at byte {}: expected checksum {:08x} of \"{}\", found {:08x}; the file is damaged",
                    source_->name(), place.data, place.checksum, name, static_cast<uint32_t>(checksum)));
  return bytes;
}

}  // namespace folio
