#include "folio/base/zip.h"

#include <gtest/gtest.h>

#include <random>

#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

std::string golden(const std::string& name) { return golden_path(__FILE__, name); }

using Contents = std::vector<std::pair<std::string, std::string>>;

Contents contents_of(const ZipReader& zip) {
  Contents contents;
  for (const auto& member : zip.members()) {
    const auto bytes = zip.read(member.name, 10'000);
    contents.emplace_back(member.name,
                          std::string(reinterpret_cast<const char*>(bytes.data()), bytes.size()));
  }
  return contents;
}

Contents contents_of(const std::vector<std::byte>& bytes) {
  return contents_of(ZipReader(std::make_unique<MemorySource>(bytes, "m")));
}

Contents two_members() {
  std::string fox;
  for (int i = 0; i < 10; ++i) fox += "the quick brown fox ";
  return {{"a.txt", "hello"}, {"folder/b.bin", fox}};
}

std::vector<std::byte> written(const Contents& contents, uint64_t large_from) {
  const TemporaryFolder folder;
  AtomicFile file(folder / "z");
  ZipWriter zip(file, false, large_from);
  for (const auto& [name, text] : contents) zip.add(name, text);
  zip.finish();
  file.commit();
  return read_file(folder / "z");
}

const char* const kSound[] = {"stored.zip", "deflated.zip", "streamed.zip", "large.zip", "comment.zip"};

TEST(Zip, ReadsWhatPythonWrites) {
  for (const char* name : kSound) EXPECT_EQ(contents_of(ZipReader(golden(name))), two_members()) << name;
  EXPECT_TRUE(ZipReader(golden("empty.zip")).members().empty());
  const ZipReader zip(golden("deflated.zip"));
  EXPECT_TRUE(zip.contains("a.txt"));
  EXPECT_FALSE(zip.contains("b.txt"));
  EXPECT_NE(error_of([&] { zip.read("b.txt", 100); }).find("expected a member \"b.txt\""), std::string::npos);
  EXPECT_NE(error_of([&] { zip.read("a.txt", 4); }).find("at most 4 bytes"), std::string::npos);
}

TEST(Zip, ReadsWhatItWrites) {
  for (uint64_t large_from : {uint64_t{0xFFFFFFFF}, uint64_t{100}, uint64_t{1}, uint64_t{0}}) {
    const auto bytes = written(two_members(), large_from);
    EXPECT_EQ(contents_of(bytes), two_members()) << large_from;
    EXPECT_EQ(bytes, written(two_members(), large_from));
    for_each_prefix(bytes, [](const auto& prefix) { EXPECT_NE(error_of([&] { contents_of(prefix); }), ""); });
  }
  EXPECT_TRUE(contents_of(written({}, 0xFFFFFFFF)).empty());
}

TEST(Zip, WritesTheBytesOfPythonsStoredFiles) {
  // Python says version 2.0 and mode 0600 where this says 0644; all else is the same.
  auto bytes = written(two_members(), 0xFFFFFFFF), python = read_file(golden("stored.zip"));
  ASSERT_EQ(bytes.size(), python.size());
  size_t different = 0;
  for (size_t i = 0; i < bytes.size(); ++i) different += bytes[i] != python[i];
  EXPECT_LE(different, 6u);
}

TEST(Zip, ManyMembers) {
  Contents contents;
  for (int i = 0; i < 70'000; ++i) contents.emplace_back(std::to_string(i), "");
  EXPECT_EQ(contents_of(written(contents, 0xFFFFFFFF)), contents);
}

TEST(Zip, RefusesUnsafeFiles) {
  const std::pair<const char*, const char*> cases[] = {
      {"bzip2.zip", "packed by method 12"},
      {"encrypted.zip", "encrypted"},
      {"parent.zip", "has a part \"..\""},
      {"absolute.zip", "is not relative"},
      {"twice.zip", "\"a.txt\" twice"},
      {"overlap.zip", "before the next part"},
      {"bomb.zip", "expected at most 100 bytes"},
      {"text.gz", "expected the end record of a zip file, found none"}};
  for (const auto& [name, message] : cases) {
    const std::string error = error_of([&, &file = name] { contents_of(ZipReader(golden(file))); });
    EXPECT_NE(error.find(message), std::string::npos) << name << ": " << error;
    EXPECT_EQ(error.find(golden(name) + ": at byte "), 0u) << error;
  }
}

TEST(Zip, RefusesUnsafeNamesWhenWriting) {
  const TemporaryFolder folder;
  AtomicFile file(folder / "z");
  ZipWriter zip(file);
  for (const char* name : {"", "/a", "../a", "a/../b", "a\\b", "C:/a", "a//b", "a/.", "a\nb"})
    EXPECT_NE(error_of([&] { zip.add(name, "x"); }), "") << name;
  zip.add("layer:0/kernel", "x");
  zip.add("grün", "x");
  EXPECT_NE(error_of([&] { zip.add("grün", "y"); }), "");
}

TEST(Zip, EveryPrefixIsAnError) {
  for (const char* name : kSound)
    for_each_prefix(read_file(golden(name)), [&](const std::vector<std::byte>& bytes) {
      // A comment can end with the bytes of an empty end record; that is an archive without members.
      Contents contents;
      if (error_of([&] { contents = contents_of(bytes); }).empty()) {
        EXPECT_TRUE(contents.empty()) << name;
      }
    });
}

TEST(Zip, ADamagedByteIsAnErrorOrHarmless) {
  for (const char* name : kSound)
    for_each_extreme_byte(read_file(golden(name)), [&](const std::vector<std::byte>& bytes) {
      Contents contents;
      if (error_of([&] { contents = contents_of(bytes); }).empty()) {
        EXPECT_EQ(contents, two_members()) << name;
      }
    });
}

TEST(Zip, ChanceDamageNeverCrashes) {
  std::mt19937 random(1);
  for (const char* name : kSound) {
    const auto sound = read_file(golden(name));
    for (int round = 0; round < 2000; ++round) {
      auto bytes = sound;
      for (int i = 0; i < 3; ++i) bytes[random() % bytes.size()] = static_cast<std::byte>(random());
      error_of([&] { contents_of(bytes); });
    }
  }
}

TEST(Zip, ExtremeFields) {
  const auto sound = read_file(golden("large.zip"));
  for (size_t at = 0; at + 8 <= sound.size(); ++at)
    for (uint64_t value : {uint64_t{0}, uint64_t{0x7FFFFFFF}, uint64_t{0x80000000}, uint64_t{0xFFFFFFFF},
                           uint64_t{0x100000000}, uint64_t{INT64_MAX}, UINT64_MAX})
      for (size_t width : {4, 8}) {
        auto bytes = sound;
        for (size_t i = 0; i < width; ++i) bytes[at + i] = static_cast<std::byte>(value >> 8 * i);
        Contents contents;
        if (error_of([&] { contents = contents_of(bytes); }).empty()) {
          EXPECT_EQ(contents, two_members()) << at;
        }
      }
}

}  // namespace
}  // namespace folio
