#include "folio/base/tar.h"

#include <fmt/format.h>

#include <algorithm>

#include "folio/base/error.h"
#include "folio/base/gzip.h"

namespace folio {
namespace {

constexpr size_t kBlock = 512;

// A field of the head: text to its end or to the first zero.
std::string field(std::span<const std::byte> head, size_t first, size_t size) {
  std::string text;
  for (size_t i = first; i < first + size && head[i] != std::byte{0}; ++i) text += static_cast<char>(head[i]);
  return text;
}

// An octal number with blanks around it; -1 for anything else.
int64_t octal(const std::string& text) {
  int64_t number = 0;
  bool any = false, ended = false;
  for (const char c : text) {
    if (c == ' ') {
      ended = any;
    } else if (c < '0' || c > '7' || ended || number >= int64_t{1} << 50) {
      return -1;
    } else {
      number = number * 8 + (c - '0');
      any = true;
    }
  }
  return any ? number : -1;
}

// The sum of the head's bytes, those of the sum itself taken as blanks.
int64_t sum_of(std::span<const std::byte> head) {
  int64_t sum = 0;
  for (size_t i = 0; i < kBlock; ++i)
    sum += i >= 148 && i < 156 ? ' ' : static_cast<int64_t>(std::to_integer<unsigned>(head[i]));
  return sum;
}

}  // namespace

TarFile::TarFile(const std::string& path, uint64_t limit) : bytes_(read_maybe_gzip(path, limit)) {
  const auto refuse = [&](size_t at, const char* what) {
    throw Error(
        fmt::format("{}: expected {} at byte {}; the file is damaged or no tar file", path, what, at));
  };
  size_t at = 0;
  while (at < bytes_.size()) {
    if (bytes_.size() - at < kBlock) refuse(at, "a head of 512 bytes");
    const std::span<const std::byte> head(bytes_.data() + at, kBlock);
    if (std::all_of(head.begin(), head.end(), [](std::byte b) { return b == std::byte{0}; }))
      break;  // its end
    if (octal(field(head, 148, 8)) != sum_of(head)) refuse(at, "a head with its right sum");
    const int64_t size = octal(field(head, 124, 12));
    if (size < 0) refuse(at, "the size of a file");
    const size_t first = at + kBlock, length = static_cast<size_t>(size);
    if (length > bytes_.size() - first) refuse(first, "all bytes of a file");
    const char kind = static_cast<char>(head[156]);
    if (kind == '0' || kind == '\0') {
      const bool is_ustar = field(head, 257, 5) == "ustar";
      const std::string prefix = is_ustar ? field(head, 345, 155) : "";
      places_[(prefix.empty() ? "" : prefix + "/") + field(head, 0, 100)] = {first, length};
    }
    at = first + (length + kBlock - 1) / kBlock * kBlock;
  }
}

std::vector<std::string> TarFile::names() const {
  std::vector<std::string> names;
  for (const auto& [name, place] : places_) names.push_back(name);
  return names;
}

std::span<const std::byte> TarFile::find(const std::string& name) const {
  const auto found = places_.find(name);
  if (found == places_.end()) return {};
  return std::span<const std::byte>(bytes_).subspan(found->second.first, found->second.size);
}

}  // namespace folio
