#include "folio/base/range.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

TEST(Range, SpeaksInWords) {
  EXPECT_EQ(kCounts.words(), "a whole number from 1 to 2147483647");
  EXPECT_EQ(kShares.words(), "a number from 0 to below 1");
  EXPECT_EQ(kPositive.words(), "a number above 0");
  EXPECT_EQ(Range{}.words(), "a number");
  EXPECT_EQ((Range{.least = 0.5}).words(), "a number of at least 0.5");
  EXPECT_EQ((Range{.most = 3, .below = true}).words(), "a number below 3");
  EXPECT_EQ((Range{0, 1, false, true, false}).words(), "a number above 0 and at most 1");
}

TEST(Range, HoldsWhatItSays) {
  for (const double value : {1.0, 2147483647.0}) EXPECT_TRUE(kCounts.holds(value)) << value;
  for (const double value : {0.0, -1.0, 1.5, 2147483648.0, 9.3e18, double(NAN), double(INFINITY)})
    EXPECT_FALSE(kCounts.holds(value)) << value;
  EXPECT_TRUE(kShares.holds(0));
  EXPECT_FALSE(kShares.holds(1));
  EXPECT_FALSE(kPositive.holds(0));
  EXPECT_FALSE(Range{}.holds(INFINITY));
  EXPECT_FALSE(Range{}.holds(NAN));
}

TEST(Range, TakesAllOfAText) {
  EXPECT_EQ(kCounts.parse("12", "x"), 12);
  EXPECT_EQ(Range{}.parse("-1e-3", "x"), -1e-3);
  for (const char* text :
       {"", " 1", "1 ", "1x", "0", "nan", "inf", "-1", "1.5", "9223372036854775807", "1e400"})
    EXPECT_NE(error_of([&] { kCounts.parse(text, "--epochs"); }).find("--epochs: expected a whole number"),
              std::string::npos)
        << text;
  EXPECT_EQ(error_of([] { kCounts.check(9223372036854775807.0, "fit: batch_size"); }),
            "fit: batch_size: expected a whole number from 1 to 2147483647, got 9.223372036854776e+18");
}

}  // namespace
}  // namespace folio
