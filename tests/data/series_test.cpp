#include "folio/data/series.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "folio/base/error.h"
#include "tests/base/files_for_tests.h"

namespace folio {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Series series_of(const std::string& text, const std::string& target = "") {
  return read_series(parse_csv(text, "s.csv"), target);
}

TEST(Series, SortsByDateAndTakesTheLastOfDoubles) {
  const Series series = series_of("day,sold\n2024-01-03,3\n2024-01-01,1\n2024-01-02,9\n2024-01-02,2\n");
  EXPECT_THAT(series.columns[0], ElementsAre(1, 2, 3));
  ASSERT_EQ(series.remarks.size(), 2u);
  EXPECT_THAT(series.remarks[0], HasSubstr("sorted"));
  EXPECT_THAT(series.remarks[1], HasSubstr("2024-01-02"));
  EXPECT_EQ(series.time_after(1), "2024-01-04");
}

TEST(Series, FillsGapsOnALineAndNamesThem) {
  const Series series =
      series_of("day,sold\n2024-01-01,1\n2024-01-02,2\n2024-01-05,8\n2024-01-06,\n2024-01-07,10\n");
  EXPECT_THAT(series.columns[0], ElementsAre(1, 2, 4, 6, 8, 9, 10));
  ASSERT_EQ(series.remarks.size(), 2u);
  EXPECT_THAT(series.remarks[0], HasSubstr("2024-01-03, 2024-01-04"));
  EXPECT_THAT(series.remarks[1], HasSubstr("1 missing"));
}

TEST(Series, CountsMonthsAsTheyAre) {
  const Series series = series_of("month,x,y\n2023-11,1,5\n2023-12,2,6\n2024-01,3,7\n2024-03,5,9\n", "x");
  EXPECT_THAT(series.names, ElementsAre("x", "y"));
  EXPECT_THAT(series.columns[0], ElementsAre(1, 2, 3, 4, 5));
  EXPECT_THAT(series.columns[1], ElementsAre(5, 6, 7, 8, 9));
  EXPECT_EQ(series.time_after(1), "2024-04");
  EXPECT_EQ(series.time_after(10), "2025-01");
}

TEST(Series, GoesWithoutDates) {
  const Series series = series_of("a,b\n1,4\n2,5\n3,6\n");
  EXPECT_THAT(series.names, ElementsAre("b", "a"));
  EXPECT_EQ(series.time_after(2), "+2");
}

TEST(Series, RefusesWhatIsNone) {
  EXPECT_THAT(error_of([] { series_of("day,what\n2024-01-01,ant\n2024-01-02,bee\n"); }),
              HasSubstr("found none"));
  EXPECT_THAT(error_of([] { series_of("day,what,x\n2024-01-01,ant,1\n2024-01-02,bee,2\n", "what"); }),
              HasSubstr("got text"));
  EXPECT_THAT(error_of([] { series_of("day,x\n2024-01-01,1\n2024-01-02,2\n2024-01-03,3\n2999-01-03,3\n"); }),
              HasSubstr("equal steps"));
}

}  // namespace
}  // namespace folio
