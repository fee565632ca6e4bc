// Files: read whole and within a limit; written so that a reader sees the old file or the new one, never a
// half.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "folio/base/bytes.h"

namespace folio {

/// Half of the memory, in bytes, that the machine has and the process may take (ulimit -v): what a load may
/// take unless the caller says otherwise.
uint64_t default_load_limit();

/// A regular file, open for reading until the object goes. Pipes, devices and folders are refused.
class FileSource : public ByteSource {
 public:
  /// Throws `Error` saying why the file cannot be read.
  explicit FileSource(const std::string& path);
  ~FileSource() override;
  uint64_t size() const override { return size_; }

 private:
  void fetch(uint64_t offset, std::span<std::byte> into) const override;
  int handle_ = -1;
  uint64_t size_ = 0;
};

/// The whole file. Throws `Error` when it is missing, a folder, unreadable or larger than `limit` bytes.
std::vector<std::byte> read_file(const std::string& path, uint64_t limit = default_load_limit());
/// The same as text.
std::string read_text_file(const std::string& path, uint64_t limit = default_load_limit());

/// All that comes on standard input, to its end. Throws `Error` when that is more than `limit` bytes or
/// cannot be read.
std::string read_standard_input(uint64_t limit = default_load_limit());

/// True when `path` names an existing file that is no folder; links are followed.
bool file_exists(const std::string& path);
/// True when `path` names an existing folder; links are followed.
bool folder_exists(const std::string& path);
/// Makes the folder and those it lies in; an existing one is fine.
void make_folders(const std::string& path);
/// Throws `Error` unless a file can be made in `path`; to be asked before hours of work, not after.
void check_writable_folder(const std::string& path);

/// Keeps a folder for this process until the object goes; the system lets go of it however the process ends.
class FolderLock {
 public:
  /// Throws `Error` when another process has the folder.
  explicit FolderLock(const std::string& path);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;
  FolderLock& operator=(const FolderLock&) = delete;

 private:
  int handle_ = -1;
};

/// Removes what a process that was killed left half written in a folder (see `AtomicFile`).
void remove_partial_files(const std::string& folder);

/// A file under construction, beside its final place. `commit` flushes it to the disk and puts it in place at
/// once; until then the old file is untouched, and without `commit` the new one vanishes.
class AtomicFile {
 public:
  /// A link is followed. Throws `Error` when the place is a folder or device, or cannot be written.
  explicit AtomicFile(const std::string& path);
  ~AtomicFile();
  AtomicFile(const AtomicFile&) = delete;
  AtomicFile& operator=(const AtomicFile&) = delete;

  /// Small pieces are collected first, so that a file of many does not cost a call of the system each.
  void write(std::span<const std::byte> bytes);
  /// Bytes written so far.
  uint64_t position() const { return position_; }
  void commit();

 private:
  void put(std::span<const std::byte> bytes);
  void discard();
  [[noreturn]] void fail(const char* action, int error);

  std::string path_;       // as the user wrote it, for messages
  std::string target_;     // where it goes
  std::string temporary_;  // where it is built
  int handle_ = -1;
  uint64_t position_ = 0;
  std::vector<std::byte> collected_;
};

/// Replaces the file by `bytes`, or throws `Error` and leaves it as it was.
void write_file_atomically(const std::string& path, std::span<const std::byte> bytes);
inline void write_file_atomically(const std::string& path, std::string_view text) {
  write_file_atomically(path, bytes_of(text));
}

}  // namespace folio
