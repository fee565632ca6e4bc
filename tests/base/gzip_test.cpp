#include "folio/base/gzip.h"

#include <gtest/gtest.h>

#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

std::string golden(const char* name) { return golden_path(__FILE__, name); }

std::string text_of(const std::vector<std::byte>& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

std::string fox() {
  std::string text;
  for (int i = 0; i < 10; ++i) text += "the quick brown fox ";
  return text;
}

std::vector<std::byte> inflate_all(const std::vector<std::byte>& bytes, uint64_t limit, AtLimit at_limit) {
  const MemorySource source(bytes, "m");
  return inflate(source, 0, bytes.size(), Wrapping::gzip, limit, at_limit);
}

TEST(Gzip, ReadsPlainGzipAndSeveralMembers) {
  EXPECT_EQ(text_of(read_maybe_gzip(golden("text.gz"), 200)), fox());
  EXPECT_EQ(text_of(read_maybe_gzip(golden("two_members.gz"), 100)), "hello, world");
  const TemporaryFolder folder;
  write_file_atomically(folder / "plain.gz", "plain");
  EXPECT_EQ(text_of(read_maybe_gzip(folder / "plain.gz", 5)), "plain");
  EXPECT_EQ(text_of(read_maybe_gzip(folder / "plain.gz", 3, AtLimit::stop)), "pla");
  EXPECT_NE(error_of([&] { read_maybe_gzip(folder / "plain.gz", 4); }), "");
}

TEST(Gzip, KeepsToItsLimit) {
  EXPECT_EQ(read_maybe_gzip(golden("bomb.gz"), 1 << 20).size(), size_t{1} << 20);
  const std::string error = error_of([] { read_maybe_gzip(golden("bomb.gz"), (1 << 20) - 1); });
  EXPECT_NE(error.find("expected at most 1048575 bytes once inflated, found more"), std::string::npos)
      << error;
  for (uint64_t limit : {0, 1, 1000, 65536, 65537})
    EXPECT_EQ(read_maybe_gzip(golden("bomb.gz"), limit, AtLimit::stop).size(), limit);
  EXPECT_EQ(read_maybe_gzip(golden("bomb.gz"), UINT64_MAX).size(), size_t{1} << 20);
}

TEST(Gzip, EveryPrefixIsAnError) {
  for (const char* name : {"text.gz", "bomb.gz"})
    for_each_prefix(read_file(golden(name)), [](const std::vector<std::byte>& bytes) {
      EXPECT_NE(error_of([&] { inflate_all(bytes, 2 << 20, AtLimit::refuse); }), "") << bytes.size();
    });
}

TEST(Gzip, DamageIsAnErrorOrHarmless) {
  for_each_extreme_byte(read_file(golden("text.gz")), [](const std::vector<std::byte>& bytes) {
    std::string text;
    if (error_of([&] { text = text_of(inflate_all(bytes, 1000, AtLimit::refuse)); }).empty()) {
      EXPECT_EQ(text, fox());
    }
  });
}

TEST(Gzip, RefusesBytesBehind) {
  auto bytes = read_file(golden("text.gz"));
  bytes.push_back(std::byte{7});
  EXPECT_NE(error_of([&] { inflate_all(bytes, 1000, AtLimit::refuse); }), "");
  const MemorySource source(bytes, "m");
  EXPECT_NE(error_of([&] { inflate(source, 1, UINT64_MAX, Wrapping::gzip, 1000); }), "");
  EXPECT_NE(error_of([&] { inflate(source, 0, 0, Wrapping::none, 1000); }), "");
}

}  // namespace
}  // namespace folio
