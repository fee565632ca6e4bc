#include "folio/base/spelling.h"

#include <gtest/gtest.h>

#include "folio/base/markup.h"

namespace folio {
namespace {

TEST(Spelling, CountsLettersAddedDroppedAndChanged) {
  EXPECT_EQ(edit_distance("", ""), 0u);
  EXPECT_EQ(edit_distance("", "abc"), 3u);
  EXPECT_EQ(edit_distance("abc", ""), 3u);
  EXPECT_EQ(edit_distance("kitten", "sitting"), 3u);  // Levenshtein's own measure of the usual example
  EXPECT_EQ(edit_distance("flaw", "lawn"), 2u);
  EXPECT_EQ(edit_distance("ab", "ba"), 2u);
}

TEST(Spelling, SuggestsOnlyWhatIsNear) {
  const std::vector<std::string> words = {"lenet5", "two-branch", "table"};
  EXPECT_EQ(nearest("lenet", words), "lenet5");
  EXPECT_EQ(nearest("two_branch", words), "two-branch");
  EXPECT_EQ(nearest("tabel", words), "table");
  EXPECT_EQ(nearest("resnet50", words), "");
  EXPECT_EQ(nearest("x", {}), "");
}

TEST(Markup, EscapesWhatGraphvizWouldRead) {
  EXPECT_EQ(escape_dot("a \"b\" \\n"), "a \\\"b\\\" \\\\n");
  EXPECT_EQ(escape_dot("two\nlines"), "two lines");
  EXPECT_EQ(escape_dot("\xff"), "\xEF\xBF\xBD");
}

TEST(Markup, EscapesWhatAPageWouldRead) {
  EXPECT_EQ(escape_markup("<a href='x'>\"&\"</a>"), "&lt;a href=&#39;x&#39;&gt;&quot;&amp;&quot;&lt;/a&gt;");
}

}  // namespace
}  // namespace folio
