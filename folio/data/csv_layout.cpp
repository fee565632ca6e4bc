#include "folio/data/csv_layout.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <map>
#include <optional>

#include "folio/base/error.h"
#include "folio/data/csv_cutter.h"

namespace folio {
namespace {

using Row = std::vector<CsvCell>;

constexpr size_t kMostLookedAt = 1 << 20;  // bytes

std::string_view beginning(std::string_view text) {
  if (text.size() <= kMostLookedAt) return text;
  const size_t end = text.rfind('\n', kMostLookedAt);
  return end == std::string_view::npos ? text : text.substr(0, end + 1);
}

std::vector<Row> first_rows(std::string_view text, const std::string& name, const CsvOptions& options,
                            char separator) {
  CsvCutter cutter(text, name, separator, options.first_line);
  std::vector<Row> rows;
  Row row;
  while (static_cast<int64_t>(rows.size()) < kCsvRowsLookedAt && cutter.next(row)) rows.push_back(row);
  return rows;
}

// The rows as this separator cuts them, if it cuts all into the same number of cells, and more than one.
bool cuts_evenly(std::string_view text, const std::string& name, const CsvOptions& options, char separator) {
  try {
    const std::vector<Row> rows = first_rows(text, name, options, separator);
    return !rows.empty() && rows[0].size() > 1 && std::all_of(rows.begin(), rows.end(), [&](const Row& row) {
      return row.size() == rows[0].size();
    });
  } catch (const Error&) {  // quotes that make no sense when cut like this
    return false;
  }
}

// Commas come last: they stand in numbers and sentences, too.
char separator_in(std::string_view text, const std::string& name, const CsvOptions& options) {
  for (const char separator : {'\t', ';', '|'})
    if (cuts_evenly(text, name, options, separator)) return separator;
  return ',';
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::string_view without_sign(std::string_view text) {
  return !text.empty() && (text[0] == '+' || text[0] == '-') ? text.substr(1) : text;
}

// "12.345.678": groups of three digits with the mark between; also one group.
bool has_groups(std::string_view text, char mark) {
  size_t end = text.find(mark);
  if (!all_digits(text.substr(0, end))) return false;
  if (end != std::string_view::npos && end > 3) return false;
  while (end != std::string_view::npos) {
    const size_t start = end + 1;
    end = text.find(mark, start);
    const std::string_view group = text.substr(start, end == std::string_view::npos ? end : end - start);
    if (group.size() != 3 || !all_digits(group)) return false;
  }
  return true;
}

// Whether a cell can only be read with this decimal mark: not three digits behind it, or thousands before.
bool shows(std::string_view text, char decimal, char thousands) {
  text = without_sign(text);
  const size_t at = text.find(decimal);
  if (at == std::string_view::npos || !all_digits(text.substr(at + 1))) return false;
  const std::string_view whole = text.substr(0, at);
  const bool grouped = whole.find(thousands) != std::string_view::npos;
  if (grouped ? !has_groups(whole, thousands) : !all_digits(whole)) return false;
  return grouped || text.size() - at - 1 != 3 || whole == "0" || whole.size() > 3;
}

// Where commas separate cells, a comma in a number is a mark of thousands.
char decimal_in(const std::vector<Row>& rows, char separator) {
  if (separator == ',') return '.';
  bool commas = false, unclear = false;
  for (const Row& row : rows)
    for (const CsvCell& cell : row) {
      if (shows(cell.text, '.', ',')) return '.';
      commas = commas || shows(cell.text, ',', '.');
      unclear =
          unclear || (cell.text.find(',') != std::string::npos && has_groups(without_sign(cell.text), ','));
    }
  return commas || (unclear && separator == ';') ? ',' : '.';
}

bool is_number(const CsvCell& cell, char decimal) { return !std::isnan(csv_number(cell.text, decimal)); }

// None of the first row's cells is a number, but a value below one of them is.
bool names_numbers(const std::vector<Row>& rows, const CsvOptions& options, char decimal) {
  bool number_below = false;
  for (size_t i = 0; i < rows[0].size(); ++i) {
    if (is_number(rows[0][i], decimal)) return false;
    if (number_below || is_missing_in_csv(rows[0][i].text, options)) continue;
    const auto below = std::find_if(rows.begin() + 1, rows.end(), [&](const Row& row) {
      return i < row.size() && !is_missing_in_csv(row[i].text, options);
    });
    number_below = below != rows.end() && is_number((*below)[i], decimal);
  }
  return number_below;
}

// Of a table of words: none of the first row's words comes again below, where words do come again.
bool names_words(const std::vector<Row>& rows, const CsvOptions& options, char decimal) {
  bool again = false;
  for (size_t i = 0; i < rows[0].size(); ++i) {
    std::map<std::string, size_t> counts;
    size_t values = 0;
    for (const Row& row : rows) {
      if (i >= row.size() || is_number(row[i], decimal)) return false;
      if (!is_missing_in_csv(row[i].text, options)) ++counts[row[i].text], ++values;
    }
    if (is_missing_in_csv(rows[0][i].text, options) || counts[rows[0][i].text] > 1) return false;
    again = again || 2 * (counts.size() - 1) <= values - 1;
  }
  return again;
}

}  // namespace

CsvLayout look_at_csv(std::string_view text, const std::string& name, const CsvOptions& options) {
  CsvLayout layout{options.separator, options.decimal};
  if (options.separator && options.decimal && !options.names.empty()) return layout;
  text = beginning(text);
  layout.separator = options.separator ? options.separator : separator_in(text, name, options);
  const std::vector<Row> rows = first_rows(text, name, options, layout.separator);
  layout.decimal = options.decimal ? options.decimal : decimal_in(rows, layout.separator);
  if (options.names.empty() && !rows.empty())
    layout.header =
        options.header == CsvHeader::present ||
        (options.header == CsvHeader::detect && rows.size() > 1 &&
         (names_numbers(rows, options, layout.decimal) || names_words(rows, options, layout.decimal)));
  return layout;
}

double csv_number(const std::string& text, char decimal) {
  constexpr double kText = std::numeric_limits<double>::quiet_NaN();
  const char thousands = decimal == ',' ? '.' : ',';
  std::string plain = text;
  if (text.find(',') != std::string::npos || decimal == ',') {
    const std::string_view digits = without_sign(text);
    const std::string_view whole = digits.substr(0, digits.find(decimal));
    if (whole.find(thousands) != std::string_view::npos && !has_groups(whole, thousands)) return kText;
    const size_t at = text.find(decimal);
    if (at != std::string::npos && text.find(thousands, at) != std::string::npos) return kText;
    std::erase(plain, thousands);
    std::replace(plain.begin(), plain.end(), decimal, '.');
  }
  const char *begin = plain.data(), *end = begin + plain.size();
  if (begin != end && *begin == '+' && plain.substr(1, 1) != "-") ++begin;
  double value = 0;
  const auto [stop, error] = std::from_chars(begin, end, value);
  if (error == std::errc::invalid_argument || stop != end) return kText;
  if (error == std::errc::result_out_of_range) {
    // Too small is as good as zero; too large has a magnitude that from_chars does not give.
    const size_t exponent = plain.find_first_of("eE");
    const bool tiny = exponent == std::string::npos ? plain.find('.') != std::string::npos
                                                    : plain.substr(exponent + 1, 1) == "-";
    return tiny ? 0.0 : std::numeric_limits<double>::infinity();
  }
  return std::isfinite(value) ? value : kText;
}

bool is_missing_in_csv(const std::string& text, const CsvOptions& options) {
  return std::find(options.missing.begin(), options.missing.end(), text) != options.missing.end();
}

}  // namespace folio
