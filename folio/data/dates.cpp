#include "folio/data/dates.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cmath>
#include <string_view>

namespace folio {
namespace {

constexpr size_t kLongestDate = 40;

/// Reads numbers and marks one after another.
class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}
  bool at_end() const { return text_.empty(); }
  /// One of these characters; 0 when another one comes.
  char mark(std::string_view marks) {
    if (text_.empty() || marks.find(text_[0]) == std::string_view::npos) return 0;
    const char found = text_[0];
    text_.remove_prefix(1);
    return found;
  }
  /// So many digits; -1 when others come.
  int number(size_t least, size_t most) {
    size_t digits = 0;
    while (digits < text_.size() && text_[digits] >= '0' && text_[digits] <= '9') ++digits;
    if (digits < least || digits > most) return -1;
    int value = 0;
    std::from_chars(text_.data(), text_.data() + digits, value);
    text_.remove_prefix(digits);
    return value;
  }

 private:
  std::string_view text_;
};

// The share of a day that "18:05:30.5Z" is; none unless all of the text is one.
std::optional<double> time_of(Reader& reader) {
  const int hour = reader.number(1, 2);
  if (hour < 0 || hour > 23 || !reader.mark(":")) return {};
  const int minute = reader.number(2, 2);
  if (minute < 0 || minute > 59) return {};
  double second = 0;
  if (reader.mark(":")) {
    second = reader.number(2, 2);
    if (second < 0 || second > 59) return {};
    if (reader.mark(".")) {
      // Parts of a second move nothing that a table is asked for.
      while (reader.mark("0123456789")) continue;
    }
  }
  reader.mark("Z");
  if (!reader.at_end()) return {};
  return (hour * 3600 + minute * 60 + second) / 86400;
}

struct Written {
  int first = -1, second = -1, third = -1;
  char separator = 0;
  double time = 0;
};

// Three numbers, or two that are a year and a month, and perhaps a time.
std::optional<Written> written(const std::string& text, bool year_first) {
  if (text.size() > kLongestDate) return {};
  Reader reader(text);
  Written date;
  date.first = reader.number(year_first ? 4 : 1, year_first ? 4 : 2);
  date.separator = date.first < 0 ? static_cast<char>(0) : reader.mark("-./");
  if (!date.separator) return {};
  date.second = reader.number(1, 2);
  if (date.second < 0) return {};
  if (year_first && reader.at_end()) {
    date.third = 1;
    return date;
  }
  if (reader.mark("-./") != date.separator) return {};
  date.third = reader.number(year_first ? 1 : 4, year_first ? 2 : 4);
  if (date.third < 0) return {};
  if (reader.at_end()) return date;
  if (!reader.mark(" T")) return {};
  const auto time = time_of(reader);
  if (!time) return {};
  date.time = *time;
  return date;
}

std::optional<double> days_since_1970(int year, int month, int day, double time) {
  using namespace std::chrono;
  const year_month_day date{std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day))};
  if (!date.ok()) return {};
  return static_cast<double>(sys_days(date).time_since_epoch().count()) + time;
}

}  // namespace

std::optional<double> days_of(const std::string& text, DateOrder order) {
  const auto date = written(text, order == DateOrder::year_first);
  if (!date) return {};
  if (order == DateOrder::year_first)
    return days_since_1970(date->first, date->second, date->third, date->time);
  const bool day_first = order == DateOrder::day_first;
  return days_since_1970(date->third, day_first ? date->second : date->first,
                         day_first ? date->first : date->second, date->time);
}

std::optional<DateOrder> date_order_of(const std::vector<std::string>& texts) {
  if (texts.empty()) return {};
  const auto all = [&](DateOrder order) {
    return std::all_of(texts.begin(), texts.end(),
                       [&](const std::string& text) { return days_of(text, order).has_value(); });
  };
  if (all(DateOrder::year_first)) return DateOrder::year_first;
  const auto date = written(texts[0], false);
  if (!date) return {};
  const bool strokes = date->separator == '/';
  for (const DateOrder order : {strokes ? DateOrder::month_first : DateOrder::day_first,
                                strokes ? DateOrder::day_first : DateOrder::month_first})
    if (all(order)) return order;
  return {};
}

DateParts date_parts(double days) {
  using namespace std::chrono;
  const double whole = std::floor(days);
  const sys_days day{std::chrono::days(static_cast<int>(whole))};
  const year_month_day date(day);
  return {static_cast<int>(date.year()), static_cast<int>(static_cast<unsigned>(date.month())),
          static_cast<int>(static_cast<unsigned>(date.day())),
          static_cast<int>(std::chrono::weekday(day).iso_encoding()) - 1, (days - whole) * 24};
}

std::string date_text(double days) {
  // To the second, as hours and minutes are fractions that round down.
  const double whole = std::floor(days);
  const auto seconds = static_cast<int>(std::lround((days - whole) * 86400));
  const DateParts parts = date_parts(whole);
  std::string text = fmt::format("{:04}-{:02}-{:02}", parts.year, parts.month, parts.day);
  if (seconds > 0) text += fmt::format(" {:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60);
  return text;
}

}  // namespace folio
