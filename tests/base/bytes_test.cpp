#include "folio/base/bytes.h"

#include <gtest/gtest.h>

#include "folio/base/utf8.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

TEST(ByteReader, ReadsBothByteOrders) {
  std::vector<std::byte> bytes;
  append_little<uint16_t>(bytes, 0x1234);
  append_little<int32_t>(bytes, -2);
  append_little<uint64_t>(bytes, 0x0102030405060708);
  ByteReader reader(bytes, "f");
  EXPECT_EQ(reader.little<uint16_t>("a"), 0x1234);
  EXPECT_EQ(reader.little<int32_t>("b"), -2);
  EXPECT_EQ(reader.big<uint64_t>("c"), 0x0807060504030201u);
  EXPECT_EQ(reader.remaining(), 0u);
  EXPECT_EQ(reader.position(), 14u);
}

TEST(ByteReader, NamesFileOffsetAndField) {
  const std::vector<std::byte> bytes(5);
  ByteReader reader(bytes, "model.bin", 100);
  reader.take(2, "magic");
  EXPECT_EQ(error_of([&] { reader.little<uint32_t>("height"); }),
            "model.bin: at byte 102: expected 4 bytes of height, found 3; the file is cut short or damaged");
  EXPECT_EQ(reader.position(), 102u);
  EXPECT_EQ(reader.take(3, "rest").size(), 3u);
  EXPECT_NE(error_of([&] { reader.take(UINT64_MAX, "rest"); }), "");
  EXPECT_EQ(error_of([&] { reader.fail("A", "B"); }), "model.bin: at byte 105: expected A, found B");
}

TEST(MemorySource, StaysInside) {
  const std::vector<std::byte> bytes(10);
  const MemorySource source(bytes, "m");
  EXPECT_EQ(source.copy(4, 6).size(), 6u);
  EXPECT_EQ(source.copy(10, 0).size(), 0u);
  EXPECT_NE(error_of([&] { source.copy(4, 7); }), "");
  EXPECT_NE(error_of([&] { source.copy(11, 0); }), "");
  EXPECT_NE(error_of([&] { source.copy(5, UINT64_MAX - 2); }), "");
  EXPECT_NE(error_of([&] { source.copy(UINT64_MAX, UINT64_MAX); }), "");
}

TEST(Utf8, FindsTheFirstInvalidByte) {
  EXPECT_EQ(find_invalid_utf8("plain, grüße, 日本, 😀"), std::string_view::npos);
  EXPECT_EQ(find_invalid_utf8(""), std::string_view::npos);
  EXPECT_EQ(find_invalid_utf8("\xEF\xBF\xBD\xF4\x8F\xBF\xBF"), std::string_view::npos);
  for (const char* wrong :
       {"ab\x80", "ab\xC0\x80", "ab\xC3", "ab\xE0\x80\x80", "ab\xED\xA0\x80", "ab\xF0\x80\x80\x80",
        "ab\xF4\x90\x80\x80", "ab\xFF", "ab\xE2\x82", "ab\xF0\x9F\x98"})
    EXPECT_EQ(find_invalid_utf8(wrong), 2u) << wrong;
}

}  // namespace
}  // namespace folio
