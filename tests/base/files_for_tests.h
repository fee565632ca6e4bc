// What tests of readers share: a folder that vanishes, golden files, and the text of an error.
#pragma once
#include <stdlib.h>

#include <filesystem>
#include <string>
#include <vector>

#include "folio/base/error.h"
#include "folio/base/file.h"

namespace folio {

/// A new empty folder, removed with all in it at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (std::filesystem::temp_directory_path() / "folio-test-XXXXXX").string();
    path_ = ::mkdtemp(pattern.data());
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }
  /// Names of what is in it.
  std::vector<std::string> names() const {
    std::vector<std::string> result;
    for (const auto& entry : std::filesystem::directory_iterator(path_))
      result.push_back(entry.path().filename());
    return result;
  }

 private:
  std::string path_;
};

/// The folder in which the sources of the tests lie. (main.cpp)
std::string tests_folder();

/// The path of a file in the folder `golden` beside the test that asks; compilers may have shortened its own.
inline std::string golden_path(const std::string& test_file, const std::string& name) {
  const std::string inside = test_file.substr(test_file.rfind("tests/") + 6);
  return (std::filesystem::path(tests_folder()) / inside).parent_path() / "golden" / name;
}

/// What `work` complains of; "" when it does not. Any other exception fails the test.
template <class Work>
std::string error_of(Work&& work) {
  try {
    work();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

/// Calls `attempt` with every strict prefix of `bytes`.
template <class Attempt>
void for_each_prefix(const std::vector<std::byte>& bytes, Attempt&& attempt) {
  // Each in memory of its own, so that a sanitizer sees a step over the end.
  for (size_t size = 0; size < bytes.size(); ++size)
    attempt(std::vector<std::byte>(bytes.begin(), bytes.begin() + static_cast<std::ptrdiff_t>(size)));
}

/// Calls `attempt` with `bytes` in which one byte at a time is an extreme value.
template <class Attempt>
void for_each_extreme_byte(const std::vector<std::byte>& bytes, Attempt&& attempt) {
  for (size_t at = 0; at < bytes.size(); ++at)
    for (unsigned value : {0x00, 0x01, 0x7F, 0x80, 0xFF}) {
      auto changed = bytes;
      changed[at] = static_cast<std::byte>(value);
      attempt(changed);
    }
}

}  // namespace folio
