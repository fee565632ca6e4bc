// What a command may write: nothing that it reads, nothing twice, and nothing of somebody else's.
#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <filesystem>

#include "cli/commands.h"
#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/data/text/word_vectors.h"
#include "folio/formats/keras_file.h"
#include "folio/recipes/history_file.h"
#include "folio/recipes/run_folder.h"

namespace folio::cli {
namespace {

namespace fs = std::filesystem;

fs::path plain(const std::string& path) {
  std::error_code ignored;
  const fs::path whole = fs::weakly_canonical(fs::absolute(path, ignored), ignored);
  return whole.empty() ? fs::path(path) : whole;
}

bool is_same_file(const std::string& a, const std::string& b) {
  std::error_code ignored;
  return fs::equivalent(a, b, ignored) || plain(a) == plain(b);
}

// An input may be a file, a folder of arrays, or a pattern of such files.
bool is_read(const std::string& input, const std::string& output) {
  if (is_same_file(input, output)) return true;
  if (!file_exists(output)) return false;
  if (folder_exists(input))
    return plain(output).parent_path() == plain(input) &&
           (output.ends_with(".npz") || output.ends_with(".npy"));
  if (input.find_first_of("*?") == std::string::npos) return false;
  const fs::path pattern(input);
  const fs::path folder = pattern.parent_path().empty() ? fs::path(".") : pattern.parent_path();
  return plain(folder.string()) == plain(output).parent_path() &&
         ::fnmatch(pattern.filename().c_str(), fs::path(output).filename().c_str(), 0) == 0;
}

bool begins_with(const std::string& path, std::initializer_list<std::string_view> starts) {
  const FileSource file(path);
  const auto bytes = file.copy(0, std::min<uint64_t>(file.size(), 16));
  const std::string_view head(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  return std::any_of(starts.begin(), starts.end(), [&](auto start) { return head.starts_with(start); });
}

// Whether a file that is there is one that the command could have written.
bool is_of(Output::Kind kind, const std::string& path) {
  try {
    switch (kind) {
      case Output::Kind::model:
        return is_written_by_folio(path);
      case Output::Kind::history:
        return !read_history(path).series.empty();
      case Output::Kind::predictions:
        return begins_with(path, {"\x93NUMPY", "PK\x03\x04", "prediction", "text,prediction"});
      case Output::Kind::texts:  // which may be anybody's
        return false;
      case Output::Kind::drawing:
        return begins_with(path, {"<svg", "digraph"});
      case Output::Kind::page:
        return begins_with(path, {"<!DOCTYPE html", "<!doctype html"});
      case Output::Kind::vectors:
        return !read_word_vectors(path).words.empty();
    }
  } catch (const Error&) {  // not even readable as such
  }
  return false;
}

const char* words_of(Output::Kind kind) {
  switch (kind) {
    case Output::Kind::model:
      return "a model file that Folio wrote";
    case Output::Kind::history:
      return "a history";
    case Output::Kind::predictions:
      return "predictions";
    case Output::Kind::texts:
      return "known to be of this command";
    case Output::Kind::drawing:
      return "a drawing";
    case Output::Kind::page:
      return "a page";
    case Output::Kind::vectors:
      return "a file of word vectors";
  }
  return "";
}

}  // namespace

void check_outputs(const std::vector<Output>& outputs, const std::vector<std::string>& inputs,
                   bool overwrite) {
  for (size_t i = 0; i < outputs.size(); ++i) {
    const std::string& path = outputs[i].path;
    if (path.empty()) continue;
    for (const std::string& input : inputs)
      if (!input.empty() && is_read(input, path))
        throw Error(
            fmt::format("{}: expected a file of its own, got one that the command works with ({}); choose "
                        "another name",
                        path, input));
    for (size_t j = 0; j < i; ++j)
      if (!outputs[j].path.empty() && is_same_file(outputs[j].path, path))
        throw Error(fmt::format("{}: expected a file for each, got the same for {} and {}; choose two names",
                                path, outputs[j].option, outputs[i].option));
    if (!overwrite && file_exists(path) && !is_of(outputs[i].kind, path))
      throw Error(fmt::format("{}: is there already and is not {}; choose another name, or give --overwrite",
                              path, words_of(outputs[i].kind)));
    const std::string folder = fs::path(path).parent_path().string();
    check_writable_folder(folder.empty() ? "." : folder);
  }
}

std::vector<std::string> files_of_run(const std::string& folder) {
  std::vector<std::string> paths;
  if (folder.empty()) return paths;
  for (const char* name : kRunFiles) paths.push_back(folder + "/" + name);
  return paths;
}

}  // namespace folio::cli
