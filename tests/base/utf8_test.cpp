#include "folio/base/utf8.h"

#include <gtest/gtest.h>

namespace folio {
namespace {

TEST(Utf8, CountsCharactersNotBytes) {
  EXPECT_EQ(count_characters(""), 0u);
  EXPECT_EQ(count_characters("häuser"), 6u);
  EXPECT_EQ(count_characters("日本"), 2u);
}

TEST(Utf8, ShortensToALine) {
  EXPECT_EQ(shortened("häuser", 6), "häuser");
  EXPECT_EQ(shortened("häuser", 5), "häus…");
  EXPECT_EQ(shortened("a\nb\tc", 9), "a b c");
  EXPECT_EQ(shortened("日本語", 2), "日…");
}

}  // namespace
}  // namespace folio
