#include "folio/base/tar.h"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/base/files_for_tests.h"
#include "tests/base/tar_for_tests.h"

namespace folio {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

std::string text_of(const TarFile& tar, const std::string& name) {
  const auto bytes = tar.find(name);
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

struct Written {
  TemporaryFolder folder;
  std::string path = folder / "x.tar";
  explicit Written(const std::string& bytes) { write_file_atomically(path, bytes); }
};

TEST(TarFile, HoldsPlainFilesOfAnyLength) {
  const std::string block(512, 'b'), more(513, 'm');
  const Written file(tar_member("a.txt", "hello") + tar_member("images", "", '5') +
                     tar_member("images/b", block) + tar_member("images/c", more) +
                     tar_member("link", "", '2') + tar_member("d", "") + tar_end());
  const TarFile tar(file.path);
  EXPECT_THAT(tar.names(), ElementsAre("a.txt", "d", "images/b", "images/c"));
  EXPECT_EQ(text_of(tar, "a.txt"), "hello");
  EXPECT_EQ(text_of(tar, "images/b"), block);
  EXPECT_EQ(text_of(tar, "images/c"), more);
  EXPECT_TRUE(tar.find("nothing").empty());
  EXPECT_TRUE(tar.find("link").empty());
}

TEST(TarFile, ReadsLongNamesInTwoParts) {
  const std::string prefix(120, 'p'), name(90, 'n');
  const Written file(tar_member(name, "x", '0', prefix) + tar_end());
  EXPECT_EQ(text_of(TarFile(file.path), prefix + "/" + name), "x");
}

TEST(TarFile, RefusesWhatIsDamaged) {
  const std::string whole = tar_member("a.txt", std::string(700, 'x')) + tar_end();
  const auto error = [](const std::string& bytes) {
    const Written file(bytes);
    return error_of([&] { TarFile{file.path}; });
  };
  EXPECT_EQ(error(whole), "");
  EXPECT_EQ(error(whole.substr(0, 512 + 700)), "");  // what fills up the last block does not matter
  EXPECT_THAT(error(whole.substr(0, 512 + 699)), HasSubstr("all bytes of a file at byte 512"));
  EXPECT_THAT(error(whole.substr(0, 300)), HasSubstr("a head of 512 bytes at byte 0"));
  std::string changed = whole;
  changed[3] = 'X';
  EXPECT_THAT(error(changed), HasSubstr("its right sum"));
  for (const char* size : {"77777777777", "9", "-1", "", "7 7"})
    EXPECT_THAT(error(tar_member("a", "x", '0', "", size) + tar_end()),
                testing::AnyOf(HasSubstr("the size of a file"), HasSubstr("all bytes of a file")))
        << size;
  EXPECT_THAT(error("no tar at all"), HasSubstr("a head of 512 bytes"));
  const Written file(whole);
  EXPECT_THAT(error_of([&] { TarFile(file.path, 100); }), HasSubstr("100 bytes"));
}

}  // namespace
}  // namespace folio
