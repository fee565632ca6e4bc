#include "folio/data/text/pair_tasks.h"

#include <fmt/format.h>

#include <array>

#include "folio/base/random.h"
#include "folio/data/text/unicode.h"

namespace folio {
namespace {

constexpr std::array kMonths = {"January", "February", "March",     "April",   "May",      "June",
                                "July",    "August",   "September", "October", "November", "December"};
constexpr std::array kWeekdays = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                  "Friday", "Saturday", "Sunday"};

int days_in(int year, int month) {
  constexpr std::array kDays = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  const bool leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
  return kDays.at(static_cast<size_t>(month - 1)) + (month == 2 && leap ? 1 : 0);
}

// Monday is 0. (Sakamoto 1992)
size_t weekday(int year, int month, int day) {
  constexpr std::array kShift = {0, 3, 2, 5, 0, 3, 5, 1, 4, 6, 2, 4};
  const int y = year - (month < 3 ? 1 : 0);
  return static_cast<size_t>(
      (y + y / 4 - y / 100 + y / 400 + kShift.at(static_cast<size_t>(month - 1)) + day + 6) % 7);
}

const char* ordinal_ending(int day) {
  if (day / 10 == 1) return "th";
  return day % 10 == 1 ? "st" : day % 10 == 2 ? "nd" : day % 10 == 3 ? "rd" : "th";
}

std::string written(int year, int month, int day, uint32_t form) {
  const std::string name = kMonths.at(static_cast<size_t>(month - 1)), brief = name.substr(0, 3);
  const std::string today = kWeekdays.at(weekday(year, month, day));
  const char* th = ordinal_ending(day);
  switch (form) {
    case 0:
      return fmt::format("{} {}, {}", name, day, year);
    case 1:
      return fmt::format("{} {} {}", day, name, year);
    case 2:
      return fmt::format("{}{} of {}, {}", day, th, name, year);
    case 3:
      return fmt::format("{} {} {}", day, brief, year);
    case 4:
      return fmt::format("{} {}, {}", brief, day, year);
    case 5:
      return fmt::format("{}, {} {} {}", today, day, name, year);
    case 6:
      return fmt::format("{}, {} {}, {}", today.substr(0, 3), brief, day, year);
    case 7:
      return fmt::format("{}.{}.{}", day, month, year);
    case 8:
      return fmt::format("{:02}.{:02}.{}", day, month, year);
    case 9:
      return fmt::format("{}/{:02}/{:02}", year, month, day);
    case 10:
      return lower_case(fmt::format("{} the {}{}, {}", name, day, th, year));
    default:
      return lower_case(fmt::format("{} {} {}", day, name, year));
  }
}
constexpr uint32_t kForms = 12;

}  // namespace

TextPairs reversed_words(int64_t count, uint64_t seed) {
  const RandomStream stream{seed, 0, 0};
  TextPairs pairs;
  for (int64_t i = 0; i < count; ++i) {
    const auto row = static_cast<uint32_t>(i);
    std::string word(3 + stream.below(row, 0, 8), 'a');
    for (size_t c = 0; c < word.size(); ++c)
      word[c] = static_cast<char>('a' + stream.below(row, static_cast<uint32_t>(c) + 1, 26));
    pairs.sources.push_back(word);
    pairs.targets.emplace_back(word.rbegin(), word.rend());
  }
  return pairs;
}

TextPairs written_dates(int64_t count, uint64_t seed) {
  const RandomStream stream{seed, 0, 0};
  TextPairs pairs;
  for (int64_t i = 0; i < count; ++i) {
    const auto row = static_cast<uint32_t>(i);
    const auto draw = [&](uint32_t place, int bound) {
      return static_cast<int>(stream.below(row, place, static_cast<uint32_t>(bound)));
    };
    const int year = 1900 + draw(0, 200), month = 1 + draw(1, 12), day = 1 + draw(2, days_in(year, month));
    pairs.sources.push_back(written(year, month, day, stream.below(row, 3, kForms)));
    pairs.targets.push_back(fmt::format("{}-{:02}-{:02}", year, month, day));
  }
  return pairs;
}

}  // namespace folio
