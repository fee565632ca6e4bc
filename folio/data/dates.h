// Dates and times in tables.
#pragma once
#include <optional>
#include <string>
#include <vector>

namespace folio {

/// How dates are written: "2026-01-31", "31.1.2026", "1/31/2026"; a month alone as "2026-01". A time may
/// follow, "18:05", "18:05:30" or "T18:05:30Z"; all are taken as of one place.
enum class DateOrder { year_first, day_first, month_first };

/// The order in which all of the texts are dates; none when one of them is no date in it. Where day and month
/// could be either, points and dashes put the day first, strokes the month.
std::optional<DateOrder> date_order_of(const std::vector<std::string>& texts);

/// Days since 1970-01-01, with the time as a fraction.
std::optional<double> days_of(const std::string& text, DateOrder order);

/// What a date says, by parts that come again and one that does not.
struct DateParts {
  int year = 1970, month = 1, day = 1;
  int weekday = 0;  ///< from Monday, 0
  double hour = 0;
};
DateParts date_parts(double days);
/// "2026-01-31", with the time unless it is midnight.
std::string date_text(double days);

}  // namespace folio
