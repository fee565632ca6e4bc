#include "folio/base/file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>

#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(File, RoundTrip) {
  const TemporaryFolder folder;
  const std::string path = folder / "a";
  write_file_atomically(path, "first");
  EXPECT_EQ(read_text_file(path), "first");
  write_file_atomically(path, "second, longer");
  EXPECT_EQ(read_text_file(path), "second, longer");
  EXPECT_EQ(read_file(path).size(), 14u);
  write_file_atomically(path, "");
  EXPECT_EQ(read_text_file(path), "");
  EXPECT_EQ(folder.names(), std::vector<std::string>{"a"});
  EXPECT_TRUE(file_exists(path));
  EXPECT_FALSE(folder_exists(path));
  EXPECT_TRUE(folder_exists(folder.path()));
  EXPECT_FALSE(file_exists(folder.path()));
}

TEST(File, SaysWhyItCannotBeRead) {
  const TemporaryFolder folder;
  const std::string path = folder / "a";
  EXPECT_EQ(error_of([&] { read_file(path); }), path + ": expected a file, found none; check the path");
  EXPECT_EQ(error_of([&] { read_file(folder.path()); }),
            folder.path() + ": expected a file, found a folder; name a file");
  EXPECT_TRUE(contains(error_of([&] { read_file("/dev/zero"); }), "found a pipe or device"));
  ::mkfifo((folder / "pipe").c_str(), 0600);
  EXPECT_TRUE(contains(error_of([&] { read_file(folder / "pipe"); }), "found a pipe or device"));
  write_file_atomically(path, "12345");
  EXPECT_EQ(read_text_file(path, 5), "12345");
  EXPECT_TRUE(contains(error_of([&] { read_file(path, 4); }), path + ": expected at most 4 bytes, found 5"));
  EXPECT_TRUE(contains(error_of([&] { read_file(path + "/b"); }), "one of its parts is a file"));
  EXPECT_TRUE(contains(error_of([&] { read_file(std::string("a\0b", 3)); }), "zero byte"));
}

TEST(File, UnreadableFile) {
  if (::geteuid() == 0) GTEST_SKIP() << "root reads every file";
  const TemporaryFolder folder;
  write_file_atomically(folder / "a", "x");
  ::chmod((folder / "a").c_str(), 0);
  EXPECT_TRUE(contains(error_of([&] { read_file(folder / "a"); }), "permissions"));
}

TEST(File, UnwritableFolder) {
  if (::geteuid() == 0) GTEST_SKIP() << "root writes into every folder";
  const TemporaryFolder folder;
  make_folders(folder / "closed");
  ::chmod((folder / "closed").c_str(), 0500);
  EXPECT_TRUE(contains(error_of([&] { check_writable_folder(folder / "closed"); }), "permissions"));
  EXPECT_TRUE(contains(error_of([&] { write_file_atomically(folder / "closed/a", "x"); }), "permissions"));
}

TEST(AtomicFile, LeavesNoTraceWithoutCommit) {
  const TemporaryFolder folder;
  const std::string path = folder / "a";
  write_file_atomically(path, "old");
  {
    AtomicFile file(path);
    file.write(bytes_of("new"));
    EXPECT_EQ(file.position(), 3u);
    EXPECT_EQ(read_text_file(path), "old");
    EXPECT_EQ(folder.names().size(), 2u);
  }
  EXPECT_EQ(read_text_file(path), "old");
  EXPECT_EQ(folder.names().size(), 1u);
}

TEST(AtomicFile, AFullDiskLeavesTheOldFile) {
  const TemporaryFolder folder;
  const std::string path = folder / "a";
  write_file_atomically(path, "old");
  // A limit on file sizes fails in the middle of a write, as a full disk does.
  rlimit before{};
  ::getrlimit(RLIMIT_FSIZE, &before);
  rlimit small = before;
  small.rlim_cur = 10'000;
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  ::setrlimit(RLIMIT_FSIZE, &small);
  const std::string error = error_of([&] { write_file_atomically(path, std::string(20'000, 'x')); });
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_TRUE(contains(error, path + ": could not write, got \"File too large\"; choose a place")) << error;
  EXPECT_EQ(read_text_file(path), "old");
  EXPECT_EQ(folder.names().size(), 1u);
}

TEST(AtomicFile, RefusesWhatARenameWouldDestroy) {
  const TemporaryFolder folder;
  EXPECT_TRUE(contains(error_of([&] { AtomicFile file(folder.path()); }), "found a folder"));
  EXPECT_TRUE(contains(error_of([&] { AtomicFile file("/dev/null"); }), "found a pipe or device"));
  EXPECT_TRUE(contains(error_of([&] { AtomicFile file(folder / "x/"); }), "found a folder"));
  EXPECT_TRUE(contains(error_of([&] { AtomicFile file(folder / "missing/a"); }), "its folder must exist"));
  EXPECT_TRUE(contains(error_of([&] { AtomicFile file(folder / std::string(300, 'a')); }), "shorter name"));
  EXPECT_NE(error_of([] { AtomicFile file(""); }), "");
  EXPECT_TRUE(folder.names().empty());
}

TEST(AtomicFile, FollowsLinksAndKeepsPermissions) {
  const TemporaryFolder folder;
  write_file_atomically(folder / "real", "old");
  ::chmod((folder / "real").c_str(), 0640);
  ASSERT_EQ(::symlink("real", (folder / "link").c_str()), 0);
  write_file_atomically(folder / "link", "new");
  EXPECT_EQ(read_text_file(folder / "real"), "new");
  struct stat about {};
  ::lstat((folder / "link").c_str(), &about);
  EXPECT_TRUE(S_ISLNK(about.st_mode));
  ::stat((folder / "real").c_str(), &about);
  EXPECT_EQ(about.st_mode & 07777, 0640u);
  ASSERT_EQ(::symlink("nowhere", (folder / "broken").c_str()), 0);
  EXPECT_TRUE(contains(error_of([&] { write_file_atomically(folder / "broken", "x"); }), "leads nowhere"));
}

TEST(Folders, MadeAndChecked) {
  const TemporaryFolder folder;
  make_folders(folder / "a/b/c");
  make_folders(folder / "a/b/c");
  EXPECT_TRUE(folder_exists(folder / "a/b/c"));
  check_writable_folder(folder / "a");
  EXPECT_EQ(folder.names().size(), 1u);
  EXPECT_TRUE(
      contains(error_of([&] { check_writable_folder(folder / "none"); }), "expected a folder, found none"));
  write_file_atomically(folder / "file", "x");
  EXPECT_TRUE(contains(error_of([&] { make_folders(folder / "file"); }), "could not make this folder"));
  EXPECT_TRUE(contains(error_of([&] { make_folders(folder / "file/a"); }), "could not make this folder"));
  EXPECT_NE(error_of([] { make_folders(""); }), "");
}

}  // namespace
}  // namespace folio
