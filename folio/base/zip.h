// Zip files, as far as .keras and .npz need them: members are stored (or, when reading, deflated) in one
// file.
#pragma once
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "folio/base/bytes.h"
#include "folio/base/file.h"

namespace folio {

/// Far beyond any model, and few enough for the table of contents to be read at once.
inline constexpr uint64_t kMostZipMembers = 100'000;

/// Reads members into memory, never onto the disk. Everything is checked when the file is opened: members
/// that overlap, are encrypted, have the same name or a name that leads elsewhere (`/x`, `../x`) are refused.
class ZipReader {
 public:
  struct Member {
    std::string name;
    uint64_t size = 0;  // bytes once inflated
  };

  /// Throws `Error` naming file and offset when this is no sound zip file.
  explicit ZipReader(const std::string& path);
  /// Over any bytes; `source` stays open as long as the reader.
  explicit ZipReader(std::unique_ptr<ByteSource> source);

  /// In the order of the file's table of contents; folders are left out.
  const std::vector<Member>& members() const { return members_; }
  bool contains(const std::string& name) const;
  /// The bytes of a member. Throws `Error` when there is none of this name, when it is larger than `limit`,
  /// or when its bytes do not agree with its size and checksum.
  std::vector<std::byte> read(const std::string& name, uint64_t limit) const;
  /// The place in the file of a stored member's bytes, for reading them in parts; none of a deflated one.
  std::optional<uint64_t> stored_at(const std::string& name) const;

 private:
  /// Where a member lies; beside `members_`, so that those stay readable.
  struct Place {
    uint64_t header = 0, data = 0, packed_size = 0;
    uint32_t checksum = 0;
    bool deflated = false;
  };
  struct Directory {
    uint64_t start = 0, size = 0, count = 0;
  };
  size_t place_of(const std::string& name) const;
  Directory find_directory() const;
  Directory find_large_directory(uint64_t locator) const;
  void read_directory(const Directory& directory);
  void read_entry(ByteReader& reader);
  void check_header(const Member& member, Place& place) const;
  void check_overlap(uint64_t directory_start) const;

  std::unique_ptr<ByteSource> source_;
  std::vector<Member> members_;
  std::vector<Place> places_;
  std::map<std::string, size_t> index_;
};

/// Why a member may not have this name, as the end of a sentence ("leads out of the archive"); empty when it
/// may.
std::string fault_of_zip_name(const std::string& name);

/// Throws `Error` unless the file ends with the seal of just the bytes that come before it: a single bit that
/// has changed anywhere is found.
void check_seal(const ByteSource& file);

/// Writes stored members, one after another; the same members give the same bytes, as every date is
/// 1980-01-01.
class ZipWriter {
 public:
  /// The caller keeps `file` alive and commits it after `finish`. A `sealed` file ends with a checksum of all
  /// its bytes, for `check_seal`. Members and offsets from `large_from` on take zip64 fields; only tests
  /// choose another value than the format's.
  explicit ZipWriter(AtomicFile& file, bool sealed = false, uint64_t large_from = 0xFFFFFFFF)
      : file_(file), sealed_(sealed), large_from_(large_from) {}

  /// Adds a member made of `pieces`, one after another. Throws `Error` for a name that `ZipReader` would
  /// refuse.
  void add(const std::string& name, std::span<const std::span<const std::byte>> pieces);
  void add(const std::string& name, std::span<const std::byte> bytes) { add(name, {&bytes, 1}); }
  void add(const std::string& name, std::string_view text) { add(name, bytes_of(text)); }
  /// Writes the table of contents; nothing can be added afterwards.
  void finish();

 private:
  struct Entry {
    std::string name;
    uint64_t size = 0, offset = 0;
    uint32_t checksum = 0;
  };
  void write(std::span<const std::byte> bytes);

  AtomicFile& file_;
  bool sealed_;
  uint64_t large_from_;
  uint32_t seal_ = 0;
  std::vector<Entry> entries_;
  std::set<std::string> names_;
  bool finished_ = false;
};

}  // namespace folio
