#include "folio/data/dates.h"

#include <gtest/gtest.h>

namespace folio {
namespace {

double days(const char* text, DateOrder order = DateOrder::year_first) {
  return days_of(text, order).value_or(-1e9);
}

TEST(Dates, CountDays) {
  EXPECT_EQ(days("1970-01-01"), 0);
  EXPECT_EQ(days("1969-12-31"), -1);
  EXPECT_EQ(days("2000-02-29"), 11016);
  EXPECT_EQ(days("2026/11/28"), 20785);
  EXPECT_EQ(days("1949-01"), -7670);
  EXPECT_EQ(days("1970-01-02T06:00"), 1.25);
  EXPECT_EQ(days("1970-01-02 06:00:00.123Z"), 1.25);
  EXPECT_EQ(days("2.1.1970", DateOrder::day_first), 1);
  EXPECT_EQ(days("1/2/1970", DateOrder::month_first), 1);
  EXPECT_EQ(days("1/2/1970 12:00", DateOrder::month_first), 1.5);
}

TEST(Dates, RefuseWhatIsNone) {
  for (const char* text : {"", "1970", "1970-13-01", "1970-02-30", "70-01-01x", "1970-01-01 25:00",
                           "1970-01-01T", "1970-01/01", "12345", "1.5", "1970-01-01-01", "1970-01-01 1:2"})
    EXPECT_EQ(days(text), -1e9) << text;
  EXPECT_EQ(days("31.4.2020", DateOrder::day_first), -1e9);
  EXPECT_EQ(days("13/1/2020", DateOrder::month_first), -1e9);
}

TEST(Dates, OrderFollowsFromAll) {
  EXPECT_EQ(date_order_of({"2020-01-31", "2020-02-01"}), DateOrder::year_first);
  EXPECT_EQ(date_order_of({"1/2/2020", "3/4/2020"}), DateOrder::month_first);
  EXPECT_EQ(date_order_of({"1/2/2020", "13/4/2020"}), DateOrder::day_first);
  EXPECT_EQ(date_order_of({"1.2.2020", "3.4.2020"}), DateOrder::day_first);
  EXPECT_EQ(date_order_of({"1-2-2020", "3-14-2020"}), DateOrder::month_first);
  EXPECT_FALSE(date_order_of({"1/2/2020", "red"}));
  EXPECT_FALSE(date_order_of({"14/2/2020", "2/14/2020"}));
  EXPECT_FALSE(date_order_of({}));
}

TEST(Dates, HaveParts) {
  const DateParts parts = date_parts(days("2026-11-28 18:30"));  // a Saturday
  EXPECT_EQ(parts.year, 2026);
  EXPECT_EQ(parts.month, 11);
  EXPECT_EQ(parts.day, 28);
  EXPECT_EQ(parts.weekday, 5);
  EXPECT_NEAR(parts.hour, 18.5, 1e-6);
  EXPECT_EQ(date_parts(-0.25).day, 31);
  EXPECT_EQ(date_text(days("1949-01")), "1949-01-01");
  EXPECT_EQ(date_text(days("2026-11-28 18:05:30")), "2026-11-28 18:05:30");
}

}  // namespace
}  // namespace folio
