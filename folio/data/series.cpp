#include "folio/data/series.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <optional>

#include "folio/base/error.h"
#include "folio/data/dates.h"

namespace folio {
namespace {

constexpr double kMonth = 30.4375;

int64_t month_number(double days) {
  const DateParts parts = date_parts(days);
  return parts.year * 12LL + parts.month - 1;
}

// The first of a month, so many months after 1970-01.
double days_of_month(int64_t number) {
  return *days_of(fmt::format("{:04}-{:02}-01", number / 12, number % 12 + 1), DateOrder::year_first);
}

const CsvColumn* dates_of(const CsvTable& table, const std::string& target) {
  for (const CsvColumn& column : table.columns)
    if (!column.is_number && column.name != target && date_order_of(column.categories)) return &column;
  return nullptr;
}

// The step from row to row that comes most: the median.
double usual_step(const std::vector<double>& days) {
  std::vector<double> steps;
  for (size_t i = 1; i < days.size(); ++i) steps.push_back(days[i] - days[i - 1]);
  if (steps.empty()) return 1;
  std::nth_element(steps.begin(), steps.begin() + static_cast<std::ptrdiff_t>(steps.size() / 2), steps.end());
  const double step = steps[steps.size() / 2];
  return step >= 28 && step <= 31 ? kMonth : step;
}

// Values between those that are there, on a straight line; at the ends the nearest.
int64_t fill(std::vector<double>& values) {
  int64_t filled = 0;
  for (size_t i = 0; i < values.size(); ++i) {
    if (!std::isnan(values[i])) continue;
    size_t next = i;
    while (next < values.size() && std::isnan(values[next])) ++next;
    if (next == values.size() && i == 0) return -1;
    for (size_t j = i; j < next; ++j, ++filled)
      values[j] = i == 0 ? values[next]
                  : next == values.size()
                      ? values[i - 1]
                      : values[i - 1] + (values[next] - values[i - 1]) * static_cast<double>(j - i + 1) /
                                            static_cast<double>(next - i + 1);
    i = next;
  }
  return filled;
}

// A few of many, for a sentence.
std::string listed(const std::vector<std::string>& texts) {
  constexpr size_t kMost = 5;
  if (texts.size() <= kMost) return fmt::format("{}", fmt::join(texts, ", "));
  return fmt::format("{}, … ({} in all)", fmt::join(texts.begin(), texts.begin() + kMost, ", "),
                     texts.size());
}

}  // namespace

std::string Series::time_after(int64_t ahead) const {
  if (days.empty()) return fmt::format("+{}", ahead);
  if (step == kMonth) {
    const int64_t last = month_number(days.back());
    const double day = days.back() - days_of_month(last);
    const std::string text = date_text(days_of_month(last + ahead) + day);
    return months_alone ? text.substr(0, 7) : text;
  }
  return date_text(days.back() + step * static_cast<double>(ahead));
}

Series read_series(const CsvTable& table, const std::string& target) {
  const CsvColumn* wanted = nullptr;
  for (const CsvColumn& column : table.columns)
    if (target.empty() ? column.is_number : column.name == target) wanted = &column;
  if (!wanted && target.empty())
    throw Error(table.name + ": expected a column of numbers, found none; check the separator");
  if (!wanted) wanted = &table.column(target);
  if (!wanted->is_number)
    throw Error(
        fmt::format("{}: column \"{}\": expected numbers, got text such as \"{}\"; choose another --target",
                    table.name, wanted->name, wanted->categories.empty() ? "" : wanted->categories[0]));
  Series series;
  series.place = table.name;
  std::vector<const CsvColumn*> columns = {wanted};
  for (const CsvColumn& column : table.columns)
    if (column.is_number && &column != wanted) columns.push_back(&column);
  std::vector<size_t> order(static_cast<size_t>(table.rows));
  std::iota(order.begin(), order.end(), size_t{0});
  if (const CsvColumn* dates = dates_of(table, wanted->name)) {
    const DateOrder form = *date_order_of(dates->categories);
    std::vector<double> days(order.size(), std::numeric_limits<double>::quiet_NaN());
    series.date = dates->name;
    series.months_alone = true;
    std::vector<std::string> dateless;
    for (size_t r = 0; r < order.size(); ++r) {
      if (dates->codes[r] < 0) {
        dateless.push_back(fmt::format("{}", table.lines[r]));
        continue;
      }
      const std::string& text = dates->categories[static_cast<size_t>(dates->codes[r])];
      days[r] = *days_of(text, form);
      series.months_alone = series.months_alone && text.size() <= 7;
    }
    if (!dateless.empty()) {
      series.remarks.push_back(fmt::format("lines without a date are left out: {}", listed(dateless)));
      std::erase_if(order, [&](size_t r) { return std::isnan(days[r]); });
    }
    if (!std::is_sorted(order.begin(), order.end(), [&](size_t a, size_t b) { return days[a] < days[b]; }))
      series.remarks.push_back(
          fmt::format("rows were not in the order of \"{}\" and have been sorted", dates->name));
    std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return days[a] < days[b]; });
    std::vector<std::string> twice;
    std::vector<size_t> once;
    for (const size_t r : order) {
      if (!once.empty() && days[once.back()] == days[r]) {
        twice.push_back(date_text(days[r]));
        once.back() = r;
      } else {
        once.push_back(r);
      }
    }
    if (!twice.empty())
      series.remarks.push_back(fmt::format("several rows for {}: the last one counts", listed(twice)));
    order = once;
    for (const size_t r : order) series.days.push_back(days[r]);
    series.step = usual_step(series.days);
  }
  // Where every row goes, and which times have none.
  std::vector<int64_t> slots;
  int64_t count = 0;
  const auto slot_of = [&](double day) {
    return series.step == kMonth ? month_number(day) - month_number(series.days[0])
                                 : static_cast<int64_t>(std::llround((day - series.days[0]) / series.step));
  };
  for (size_t i = 0; i < order.size(); ++i) {
    const int64_t slot = series.days.empty() ? static_cast<int64_t>(i) : slot_of(series.days[i]);
    // Times that are no multiple of the usual step still follow each other.
    slots.push_back(std::max(slot, count));
    count = slots.back() + 1;
  }
  // A file of few scattered dates is not to become an endless series.
  constexpr int64_t kMostGaps = 20;
  if (count > kMostGaps * static_cast<int64_t>(std::max<size_t>(order.size(), 1)))
    throw Error(
        fmt::format("{}: column \"{}\": expected dates at equal steps of about {:.3g} days, got {} rows over "
                    "{} such steps; give a series with fewer gaps",
                    table.name, series.date, series.step, order.size(), count));
  std::vector<std::string> absent;
  if (!series.days.empty() && count > static_cast<int64_t>(order.size())) {
    const double first = series.days[0];
    std::vector<double> all(static_cast<size_t>(count), std::numeric_limits<double>::quiet_NaN());
    for (size_t i = 0; i < slots.size(); ++i) all[static_cast<size_t>(slots[i])] = series.days[i];
    for (size_t i = 0; i < all.size(); ++i) {
      if (!std::isnan(all[i])) continue;
      all[i] = series.step == kMonth ? days_of_month(month_number(first) + static_cast<int64_t>(i))
                                     : first + series.step * static_cast<double>(i);
      absent.push_back(date_text(all[i]));
    }
    series.days = all;
    series.remarks.push_back(fmt::format("no row for {}: filled in from the neighbours", listed(absent)));
  }
  for (const CsvColumn* column : columns) {
    std::vector<double> values(static_cast<size_t>(count), std::numeric_limits<double>::quiet_NaN());
    for (size_t i = 0; i < order.size(); ++i)
      values[static_cast<size_t>(slots[i])] = column->numbers[order[i]];
    const int64_t filled = fill(values) - static_cast<int64_t>(absent.size());
    if (filled < -static_cast<int64_t>(absent.size()) || values.empty()) {
      if (column == wanted)
        throw Error(fmt::format("{}: column \"{}\": expected values, found none", table.name, column->name));
      series.remarks.push_back(fmt::format("column \"{}\" holds no value and is left out", column->name));
      continue;
    }
    if (filled > 0)
      series.remarks.push_back(fmt::format(
          "column \"{}\": {} missing values are filled in from their neighbours", column->name, filled));
    series.names.push_back(column->name);
    series.columns.push_back(std::move(values));
  }
  return series;
}

}  // namespace folio
