#include "folio/data/class_folder.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "folio/base/error.h"
#include "folio/base/file.h"

namespace folio {
namespace {

namespace fs = std::filesystem;

std::vector<fs::path> folders_in(const fs::path& folder) {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(folder, fs::directory_options::skip_permission_denied))
    if (entry.is_directory() && !is_left_behind(entry.path().filename())) folders.push_back(entry.path());
  std::sort(folders.begin(), folders.end());
  return folders;
}

// The folder that holds one part, "" when there is none.
std::string part_of(const std::vector<fs::path>& folders, std::initializer_list<const char*> names) {
  for (const char* name : names)
    for (const fs::path& folder : folders)
      if (lower_ascii(folder.filename()) == name) return folder;
  return "";
}

struct Parts {
  std::string train, validation, test;
};

// The folders of the parts; all "" when the folder is not divided.
Parts parts_of(const std::string& folder) {
  const std::vector<fs::path> folders = folders_in(folder);
  const Parts parts = {part_of(folders, {"train", "training"}),
                       part_of(folders, {"val", "validation", "valid"}),
                       part_of(folders, {"test", "testing"})};
  const bool divided = !parts.train.empty() && (!parts.validation.empty() || !parts.test.empty());
  return divided ? parts : Parts();
}

}  // namespace

bool is_left_behind(const std::string& name) { return name.starts_with('.') || name == "__MACOSX"; }

std::string lower_ascii(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

std::vector<std::string> files_in(const std::string& folder, const FileKind& kind) {
  std::vector<std::string> paths;
  fs::recursive_directory_iterator entries(folder, fs::directory_options::skip_permission_denied), end;
  for (; entries != end; ++entries) {
    if (is_left_behind(entries->path().filename())) {
      if (entries->is_directory()) entries.disable_recursion_pending();
    } else if (entries->is_regular_file() && kind.matches(entries->path())) {
      paths.push_back(entries->path());
    }
  }
  std::sort(paths.begin(), paths.end());
  return paths;
}

bool is_class_folder(const std::string& folder, const FileKind& kind) {
  if (!folder_exists(folder)) return false;
  const std::vector<fs::path> folders = folders_in(folder);
  return std::any_of(folders.begin(), folders.end(),
                     [&](const fs::path& inner) { return !files_in(inner, kind).empty(); });
}

ClassFolder read_class_folder(const std::string& folder, const FileKind& kind) {
  ClassFolder result;
  const auto [train, validation, test] = parts_of(folder);
  const bool divided = !train.empty();

  const auto add = [&](const std::string& part, std::vector<ClassFolder::Entry>& to, bool makes_classes) {
    if (part.empty()) return;
    for (const fs::path& inner : folders_in(part)) {
      const std::string name = inner.filename();
      const std::vector<std::string> paths = files_in(inner, kind);
      if (paths.empty()) {
        result.empty.push_back(inner);
        continue;
      }
      auto found = std::find(result.class_names.begin(), result.class_names.end(), name);
      if (found == result.class_names.end()) {
        if (!makes_classes)
          throw Error(fmt::format("{}: expected a class of {} ({}), got \"{}\"; move it there, or away", part,
                                  train, fmt::join(result.class_names, ", "), name));
        found = result.class_names.insert(found, name);
      }
      const auto label = static_cast<int>(found - result.class_names.begin());
      for (const std::string& path : paths) to.push_back({path, label});
    }
  };
  add(divided ? train : folder, result.train, true);
  if (divided) {
    add(validation, result.validation, false);
    add(test, result.test, false);
  }
  if (result.class_names.size() < 2)
    throw Error(fmt::format("{}: expected a folder of {} for each of two classes or more, found {}", folder,
                            kind.plural, result.class_names.size()));
  return result;
}

FolderFiles read_folder_files(const std::string& folder, const FileKind& kind) {
  const Parts parts = parts_of(folder);
  const auto all = [&](const std::string& part) {
    return part.empty() ? std::vector<std::string>() : files_in(part, kind);
  };
  if (parts.train.empty()) return {all(folder), {}, {}};
  return {all(parts.train), all(parts.validation), all(parts.test)};
}

}  // namespace folio
