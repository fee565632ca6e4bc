#include "folio/data/idx.h"

#include <gtest/gtest.h>

#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

std::vector<std::byte> bytes(std::initializer_list<int> values) {
  std::vector<std::byte> result;
  for (int value : values) result.push_back(static_cast<std::byte>(value));
  return result;
}

class Idx : public testing::Test {
 protected:
  Tensor read(const std::vector<std::byte>& file, uint64_t limit = 1 << 20) {
    write_file_atomically(path_, file);
    return read_idx(path_, limit);
  }
  std::string error(const std::vector<std::byte>& file, uint64_t limit = 1 << 20) {
    return error_of([&] { read(file, limit); });
  }
  TemporaryFolder folder_;
  std::string path_ = folder_ / "a";
};

TEST_F(Idx, ReadsEveryType) {
  const Tensor u8 = read(bytes({0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 255}));
  EXPECT_EQ(u8.shape(), (Shape{1, 3}));
  EXPECT_EQ(u8.dtype(), DType::uint8);
  EXPECT_EQ(u8.at(2), 255);
  const Tensor i8 = read(bytes({0, 0, 9, 1, 0, 0, 0, 2, 0x80, 3}));
  EXPECT_EQ(i8.dtype(), DType::int32);
  EXPECT_EQ(i8.at(0), -128);
  EXPECT_EQ(read(bytes({0, 0, 0xB, 1, 0, 0, 0, 1, 0xFF, 0xFE})).at(0), -2);
  EXPECT_EQ(read(bytes({0, 0, 0xC, 1, 0, 0, 0, 1, 0x80, 0, 0, 1})).at(0), -2147483647.0);
  EXPECT_EQ(read(bytes({0, 0, 0xD, 1, 0, 0, 0, 1, 0x3F, 0xC0, 0, 0})).at(0), 1.5);
  const Tensor f64 = read(bytes({0, 0, 0xE, 1, 0, 0, 0, 1, 0xC0, 0, 0, 0, 0, 0, 0, 0}));
  EXPECT_EQ(f64.dtype(), DType::float64);
  EXPECT_EQ(f64.at(0), -2);
  EXPECT_TRUE(read(bytes({0, 0, 8, 1, 0, 0, 0, 0})).empty());
}

TEST_F(Idx, EndsWhereItsHeaderSays) {
  const auto sound = bytes({0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3});
  for_each_prefix(sound, [&](const auto& prefix) { EXPECT_NE(error(prefix), "") << prefix.size(); });
  auto longer = sound;
  longer.push_back(std::byte{0});
  EXPECT_EQ(error(longer),
            path_ +
                ": at byte 12: expected 3 bytes of elements for dimensions (1, 3), found more; the "
                "file is damaged");
  EXPECT_NE(error(sound, 14).find("raise the limit"), std::string::npos);
  EXPECT_EQ(error(sound, 15), "");
}

TEST_F(Idx, RefusesLies) {
  EXPECT_NE(error(bytes({0, 0, 7, 1, 0, 0, 0, 1, 0})).find("found 00 00 07 01"), std::string::npos);
  EXPECT_NE(error(bytes({1, 0, 8, 1, 0, 0, 0, 1, 0})), "");
  EXPECT_NE(error(bytes({0, 0, 8, 0})), "");
  EXPECT_NE(error(bytes({0, 0, 8, 9, 0, 0, 0, 1})), "");
  EXPECT_NE(error(bytes({0, 0, 8, 2, 255, 255, 255, 255, 255, 255, 255, 255}), UINT64_MAX), "");
  EXPECT_NE(error(bytes({0, 0, 0xE, 2, 127, 255, 255, 255, 127, 255, 255, 255}), UINT64_MAX), "");
  EXPECT_NE(error(bytes({0, 0, 8, 1, 255, 255, 255, 255}), UINT64_MAX), "");
  for_each_extreme_byte(bytes({0, 0, 8, 2, 0, 0, 0, 1, 0, 0, 0, 3, 1, 2, 3}),
                        [&](const auto& file) { error(file); });
}

TEST_F(Idx, LeavesABombAfterItsHeader) {
  // A million zeros, whose first four are no magic number.
  const std::string bomb = golden_path(__FILE__, "../../base/golden/bomb.gz");
  EXPECT_NE(error_of([&] { read_idx(bomb); }).find("expected the magic number"), std::string::npos);
  EXPECT_NE(error_of([&] { read_idx(folder_ / "none"); }).find("expected a file, found none"),
            std::string::npos);
}

}  // namespace
}  // namespace folio
