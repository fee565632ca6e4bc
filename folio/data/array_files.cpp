#include "folio/data/array_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "folio/base/checked.h"
#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/zip.h"
#include "folio/data/npy.h"
#include "folio/data/npy_header.h"

namespace folio {
namespace {

constexpr uint64_t kMostHeader = (64 << 10) + 16;  // more is refused by read_npy_header
constexpr uint64_t kAtOnce = 1 << 20;              // bytes converted at a time

/// Elements that lie in a file from some byte on. The file is opened for each reading, as a process may have
/// fewer files open than a set has parts.
class NpyRows final : public RowSource {
 public:
  NpyRows(const ByteSource& file, std::string name, NpyHeader header, uint64_t start)
      : RowSource(std::move(name), Shape(header.shape), npy_dtype(header)),
        path_(file.name()),
        size_(file.size()),
        header_(std::move(header)),
        start_(start) {}

 private:
  void fetch(int64_t first, Tensor& into) const override {
    const int64_t row = shape().count(1, shape().rank()) * header_.size, rows = into.shape()[0];
    const FileSource file(path_);
    if (file.size() != size_)
      throw Error(
          fmt::format("{}: expected {} bytes as when it was first read, found {}; leave files alone while "
                      "they are used",
                      name(), size_, file.size()));
    const auto place = [&](int64_t r) { return start_ + static_cast<uint64_t>(r * row); };
    if (npy_is_native(header_)) {
      file.read_at(place(first), {static_cast<std::byte*>(into.raw()), static_cast<size_t>(into.bytes())});
      return;
    }
    const int64_t step = std::max<int64_t>(1, static_cast<int64_t>(kAtOnce) / std::max<int64_t>(1, row));
    for (int64_t at = 0; at < rows; at += step) {
      NpyHeader part = header_;
      part.shape[0] = std::min(step, rows - at);
      const auto bytes = file.copy(place(first + at), static_cast<uint64_t>(part.shape[0] * row));
      into.rows(at, at + part.shape[0]).assign(parse_npy_elements(part, bytes, name(), place(first + at)));
    }
  }
  std::string path_;
  uint64_t size_;
  NpyHeader header_;
  uint64_t start_;
};

/// The array whose .npy bytes are [start, start + size) of the file.
Rows open_array(const ByteSource& file, const std::string& name, uint64_t start, uint64_t size) {
  const auto head = file.copy(start, std::min(size, kMostHeader));
  ByteReader reader(head, name, start);
  const NpyHeader header = read_npy_header(reader);
  const uint64_t elements = start + size - reader.position();
  if (header.shape.empty()) reader.fail("an array with rows", "a single number");
  if (header.column_major && header.shape.size() > 1)
    reader.fail("rows that lie together", "columns; save numpy.ascontiguousarray(array)");
  if (npy_bytes(header, reader) != elements)
    reader.fail(
        fmt::format("{} bytes for shape {}", npy_bytes(header, reader), to_string(Shape(header.shape))),
        fmt::format("{}; the file is cut short or damaged", elements));
  return std::make_shared<NpyRows>(file, name, header, reader.position());
}

/// Whether a file name matches a pattern in which * stands for any characters and ? for one.
bool matches(std::string_view name, std::string_view pattern) {
  size_t n = 0, p = 0, star = std::string_view::npos, after = 0;
  while (n < name.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      after = n;
    } else if (p < pattern.size() && (pattern[p] == '?' || pattern[p] == name[n])) {
      ++p;
      ++n;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      n = ++after;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// Names in order, numbers in them by value.
bool before(std::string_view a, std::string_view b) {
  const std::string_view whole_a = a, whole_b = b;
  while (!a.empty() && !b.empty()) {
    if (is_digit(a[0]) && is_digit(b[0])) {
      const auto number = [](std::string_view& text) {
        while (text.size() > 1 && text[0] == '0' && is_digit(text[1])) text.remove_prefix(1);
        size_t end = 0;
        while (end < text.size() && is_digit(text[end])) ++end;
        const std::string_view digits = text.substr(0, end);
        text.remove_prefix(end);
        return digits;
      };
      const auto x = number(a), y = number(b);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
      continue;
    }
    if (a[0] != b[0]) return a[0] < b[0];
    a.remove_prefix(1);
    b.remove_prefix(1);
  }
  return a.size() != b.size() ? a.size() < b.size() : whole_a < whole_b;
}

std::string without_number(std::string stem) {
  const size_t letters = stem.find_last_not_of("0123456789");
  if (letters != std::string::npos && letters + 1 < stem.size()) stem.resize(letters + 1);
  const size_t end = stem.find_last_not_of("-_. ");
  if (end != std::string::npos) stem.resize(end + 1);
  return stem;
}

std::vector<std::string> files_of(const std::string& path) {
  namespace fs = std::filesystem;
  const fs::path whole(path);
  const bool folder = folder_exists(path);
  if (!folder && whole.filename().string().find_first_of("*?") == std::string::npos) return {path};
  const fs::path place = folder ? whole : whole.has_parent_path() ? whole.parent_path() : fs::path(".");
  std::vector<std::string> names;
  std::error_code error;
  for (fs::directory_iterator entry(place, error), end; !error && entry != end; entry.increment(error)) {
    const std::string name = entry->path().filename();
    const bool array = name.ends_with(".npy") || name.ends_with(".npz");
    if (array && (folder || matches(name, whole.filename().string()))) names.push_back(name);
  }
  if (error)
    throw Error(fmt::format("{}: expected a readable folder, got \"{}\"; check the path", place.string(),
                            error.message()));
  if (names.empty()) throw Error(path + ": expected .npy or .npz files, found none; check the path");
  std::sort(names.begin(), names.end(), before);
  for (std::string& name : names) name = (place / name).string();
  return names;
}

}  // namespace

Rows open_npy(const std::string& path) {
  const FileSource file(path);
  return open_array(file, path, 0, file.size());
}

NamedRows open_npz(const std::string& path) {
  const ZipReader zip(path);
  const FileSource file(path);
  NamedRows arrays;
  for (const auto& member : zip.members()) {
    const std::string place = path + ": " + member.name;
    if (!member.name.ends_with(".npy"))
      throw Error(place + ": expected an array named *.npy, found another file; save with numpy.savez");
    const auto start = zip.stored_at(member.name);
    if (!start)
      throw Error(place +
                  ": expected a stored array, found a deflated one, which cannot be read in parts; save "
                  "with numpy.savez");
    arrays.emplace_back(member.name.substr(0, member.name.size() - 4),
                        open_array(file, place, *start, member.size));
  }
  return arrays;
}

NamedRows open_rows(const std::string& path) {
  std::vector<std::pair<std::string, std::vector<Rows>>> parts;
  const auto add = [&](const std::string& name, Rows rows) {
    const auto found =
        std::find_if(parts.begin(), parts.end(), [&](const auto& entry) { return entry.first == name; });
    if (found == parts.end())
      parts.push_back({name, {std::move(rows)}});
    else
      found->second.push_back(std::move(rows));
  };
  for (const std::string& file : files_of(path)) {
    if (!file.ends_with(".npz")) {
      add(without_number(std::filesystem::path(file).stem().string()), open_npy(file));
      continue;
    }
    for (auto& [name, rows] : open_npz(file)) add(name, std::move(rows));
  }
  NamedRows arrays;
  for (auto& [name, rows] : parts) arrays.emplace_back(name, join_rows(std::move(rows)));
  for (const auto& [name, rows] : arrays)
    if (rows->rows() != arrays[0].second->rows())
      throw Error(
          fmt::format("{}: expected as many rows of \"{}\" as of \"{}\", {}, found {}; check that no part is "
                      "missing",
                      path, name, arrays[0].first, arrays[0].second->rows(), rows->rows()));
  return arrays;
}

}  // namespace folio
