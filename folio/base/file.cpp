#include "folio/base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include "folio/base/error.h"

namespace folio {
namespace {

/// The most one read or write call moves; Linux itself stops a little below 2 GiB.
constexpr size_t kMostAtOnce = size_t{1} << 30;

/// Pieces of a file below this size are written together.
constexpr size_t kCollected = size_t{256} << 10;

/// In the name of every file under construction.
constexpr const char* kPartial = ".partial-";

std::string reason(int error) { return std::generic_category().message(error); }

const char* cure(int error) {
  switch (error) {
    case ENOENT:
      return "check the path; its folder must exist";
    case EACCES:
    case EPERM:
    case EROFS:
      return "choose another place, or change the permissions";
    case ENOSPC:
    case EDQUOT:
      return "free some space, or choose another place";
    case EFBIG:
      return "choose a place that takes larger files";
    case ENAMETOOLONG:
      return "choose a shorter name";
    case ENOTDIR:
      return "check the path; one of its parts is a file, not a folder";
    case EMFILE:
    case ENFILE:
      return "close some files, or raise the limit of open files (ulimit -n)";
    case EIO:
      return "check the disk";
    default:
      return "check the path and the disk";
  }
}

std::string folder_of(const std::string& path) {
  const size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

int open_again_if_interrupted(const std::string& path, int flags, mode_t mode = 0) {
  int handle;
  do handle = ::open(path.c_str(), flags | O_CLOEXEC, mode);
  while (handle < 0 && errno == EINTR);
  return handle;
}

/// Where a link leads to; any other path is returned as it is. A link to nowhere is refused.
std::string without_links(const std::string& path) {
  struct stat about {};
  if (::lstat(path.c_str(), &about) != 0 || !S_ISLNK(about.st_mode)) return path;
  char* real = ::realpath(path.c_str(), nullptr);
  if (!real)
    throw Error(fmt::format("{}: is a link that leads nowhere ({}); remove it", path, reason(errno)));
  std::string result = real;
  std::free(real);
  return result;
}

}  // namespace

uint64_t default_load_limit() {
  const long pages = ::sysconf(_SC_PHYS_PAGES), page = ::sysconf(_SC_PAGESIZE);
  if (pages <= 0 || page <= 0) return uint64_t{1} << 32;
  uint64_t memory = static_cast<uint64_t>(pages) * static_cast<uint64_t>(page);
  rlimit allowed{};
  if (::getrlimit(RLIMIT_AS, &allowed) == 0 && allowed.rlim_cur != RLIM_INFINITY)
    memory = std::min<uint64_t>(memory, allowed.rlim_cur);
  return memory / 2;
}

FileSource::FileSource(const std::string& path) : ByteSource(path) {
  if (path.find('\0') != std::string::npos) throw Error("a file name holds a zero byte; check the path");
  // Without O_NONBLOCK, opening a pipe that nobody writes to would wait for ever.
  handle_ = open_again_if_interrupted(path, O_RDONLY | O_NONBLOCK);
  if (handle_ < 0 && errno == ENOENT)
    throw Error(fmt::format("{}: expected a file, found none; check the path", path));
  if (handle_ < 0)
    throw Error(
        fmt::format("{}: expected a readable file, got \"{}\"; {}", path, reason(errno), cure(errno)));
  struct stat about {};
  const bool told = ::fstat(handle_, &about) == 0;
  if (!told || !S_ISREG(about.st_mode)) {
    ::close(handle_);
    const char* what = told && S_ISDIR(about.st_mode) ? "a folder" : "a pipe or device";
    throw Error(fmt::format("{}: expected a file, found {}; name a file", path, what));
  }
  size_ = static_cast<uint64_t>(about.st_size);
}

FileSource::~FileSource() { ::close(handle_); }

void FileSource::fetch(uint64_t offset, std::span<std::byte> into) const {
  while (!into.empty()) {
    const ssize_t got =
        ::pread(handle_, into.data(), std::min(into.size(), kMostAtOnce), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0)
      throw Error(fmt::format("{}: at byte {}: could not read, got \"{}\"; {}", name(), offset, reason(errno),
                              cure(errno)));
    if (got == 0)
      throw Error(
          fmt::format("{}: at byte {}: expected {} bytes more, found the end; the file was cut short while "
                      "it was read",
                      name(), offset, into.size()));
    into = into.subspan(static_cast<size_t>(got));
    offset += static_cast<uint64_t>(got);
  }
}

namespace {

void check_limit(const FileSource& file, uint64_t limit) {
  if (file.size() > limit)
    throw Error(
        fmt::format("{}: expected at most {} bytes, found {}; choose a smaller file or raise the limit",
                    file.name(), limit, file.size()));
}

}  // namespace

std::vector<std::byte> read_file(const std::string& path, uint64_t limit) {
  const FileSource file(path);
  check_limit(file, limit);
  return file.copy(0, file.size());
}

std::string read_text_file(const std::string& path, uint64_t limit) {
  const FileSource file(path);
  check_limit(file, limit);
  std::string text(file.size(), '\0');
  file.read_at(0, std::as_writable_bytes(std::span(text)));
  return text;
}

std::string read_standard_input(uint64_t limit) {
  std::string text;
  std::vector<char> piece(1 << 16);
  while (true) {
    const ssize_t count = ::read(STDIN_FILENO, piece.data(), piece.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0)
      throw Error(fmt::format("standard input: could not be read, got \"{}\"; check where it comes from",
                              std::generic_category().message(errno)));
    if (count == 0) return text;
    if (text.size() + static_cast<size_t>(count) > limit)
      throw Error(fmt::format("standard input: expected at most {} bytes, found more; give a file", limit));
    text.append(piece.data(), static_cast<size_t>(count));
  }
}

bool file_exists(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 && !S_ISDIR(about.st_mode);
}

bool folder_exists(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
}

void make_folders(const std::string& path) {
  if (path.empty()) throw Error("expected the name of a folder, got \"\"; give a path");
  std::error_code error;
  std::filesystem::create_directories(path, error);
  if (!folder_exists(path)) {
    const int code = error ? error.value() : ENOTDIR;
    throw Error(
        fmt::format("{}: could not make this folder, got \"{}\"; {}", path, reason(code), cure(code)));
  }
}

void check_writable_folder(const std::string& path) {
  if (!folder_exists(path))
    throw Error(fmt::format("{}: expected a folder, found none; make it first", path));
  // Permissions, read-only file systems and quotas all have their say only when a file is really made.
  try {
    AtomicFile attempt(path + "/.folio-writable");
  } catch (const Error& error) {
    throw Error(fmt::format("{}: expected a folder that can be written to; {}", path, error.what()));
  }
}

FolderLock::FolderLock(const std::string& path)
    : handle_(open_again_if_interrupted(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
  if (handle_ < 0)
    throw Error(
        fmt::format("{}: could not open this folder, got \"{}\"; {}", path, reason(errno), cure(errno)));
  if (::flock(handle_, LOCK_EX | LOCK_NB) == 0 || errno != EWOULDBLOCK) return;  // not every file system can
  ::close(handle_);
  throw Error(
      fmt::format("{}: expected a folder that is free, but another process works in it; wait for it "
                  "or choose another folder",
                  path));
}

FolderLock::~FolderLock() { ::close(handle_); }

void remove_partial_files(const std::string& folder) {
  std::error_code ignored;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored))
    if (entry.path().filename().string().find(kPartial) != std::string::npos)
      std::filesystem::remove(entry.path(), ignored);
}

AtomicFile::AtomicFile(const std::string& path) : path_(path) {
  if (path.empty() || path.find('\0') != std::string::npos)
    throw Error(fmt::format("expected the name of a file to write, got \"{}\"; give a path", path.c_str()));
  target_ = without_links(path);
  struct stat old {};
  const bool exists = ::stat(target_.c_str(), &old) == 0;
  // A rename over a device or folder would destroy it.
  if ((exists && !S_ISREG(old.st_mode)) || target_.back() == '/')
    throw Error(fmt::format("{}: expected a file or a free name, found {}; choose another name", path,
                            !exists || S_ISDIR(old.st_mode) ? "a folder" : "a pipe or device"));
  if (exists && ::access(target_.c_str(), W_OK) != 0)
    throw Error(fmt::format("{}: expected a file that may be replaced, got \"{}\"; {}", path, reason(errno),
                            cure(errno)));
  static std::atomic<unsigned> counter{0};
  do {
    temporary_ = fmt::format("{}{}{}-{}", target_, kPartial, ::getpid(), counter++);
    handle_ = open_again_if_interrupted(temporary_, O_WRONLY | O_CREAT | O_EXCL, 0666);
  } while (handle_ < 0 && errno == EEXIST);
  if (handle_ < 0) {
    const int error = errno;
    temporary_.clear();
    fail("make a file beside it", error);
  }
  if (exists)
    (void)!::fchmod(handle_, old.st_mode & 07777);  // a file keeps its permissions where that is possible
}

AtomicFile::~AtomicFile() { discard(); }

void AtomicFile::write(std::span<const std::byte> bytes) {
  ensure(handle_ >= 0, "a file was written after its end");
  position_ += bytes.size();
  if (collected_.size() + bytes.size() < kCollected) {
    collected_.insert(collected_.end(), bytes.begin(), bytes.end());
    return;
  }
  put(collected_);
  collected_.clear();
  put(bytes);
}

void AtomicFile::put(std::span<const std::byte> bytes) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(handle_, bytes.data(), std::min(bytes.size(), kMostAtOnce));
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail("write", errno);
    bytes = bytes.subspan(static_cast<size_t>(put));
  }
}

void AtomicFile::commit() {
  ensure(handle_ >= 0, "a file was committed twice");
  put(collected_);
  // A failed fsync is not tried again: the kernel may have dropped the very pages that could not be written.
  int result;
  do result = ::fsync(handle_);
  while (result != 0 && errno == EINTR);
  if (result != 0) fail("flush", errno);
  const int handle = handle_;
  handle_ = -1;
  if (::close(handle) != 0 && errno != EINTR) fail("close", errno);
  if (::rename(temporary_.c_str(), target_.c_str()) != 0) fail("put the new file in place", errno);
  temporary_.clear();

  // The name is safe only when the folder is on the disk too; some file systems cannot flush one and say so.
  const int folder = open_again_if_interrupted(folder_of(target_), O_RDONLY | O_DIRECTORY);
  if (folder < 0) return;
  do result = ::fsync(folder);
  while (result != 0 && errno == EINTR);
  const int error = errno;
  ::close(folder);
  if (result != 0 && error != EINVAL && error != EROFS && error != EBADF)
    throw Error(fmt::format("{}: is written, but its folder could not be flushed, got \"{}\"; {}", path_,
                            reason(error), cure(error)));
}

void AtomicFile::discard() {
  if (handle_ >= 0) ::close(handle_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
  handle_ = -1;
  temporary_.clear();
}

void AtomicFile::fail(const char* action, int error) {
  discard();
  throw Error(fmt::format("{}: could not {}, got \"{}\"; {}", path_, action, reason(error), cure(error)));
}

void write_file_atomically(const std::string& path, std::span<const std::byte> bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

}  // namespace folio
