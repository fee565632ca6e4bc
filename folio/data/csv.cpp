#include "folio/data/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>

#include "folio/base/error.h"
#include "folio/base/gzip.h"
#include "folio/base/utf8.h"

namespace folio {
namespace {

constexpr size_t kLongestCell = 1 << 20, kMostColumns = 100'000, kShownInMessage = 40;

struct Cell {
  std::string text;
  bool quoted = false;
  int64_t line = 1, column = 1;  // where it begins
};

[[noreturn]] void fail(const std::string& name, int64_t line, int64_t column, std::string_view message) {
  throw Error(fmt::format("{}:{}:{}: {}", name, line, column, message));
}

/// A cell as it is shown in a message: its beginning, cut between characters.
std::string shown(const std::string& text) {
  if (text.size() <= kShownInMessage) return "\"" + text + "\"";
  size_t end = kShownInMessage;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
  return "\"" + text.substr(0, end) + "…\"";
}

/// Cuts text into rows of cells.
class Cutter {
 public:
  Cutter(std::string_view text, const std::string& name, const CsvOptions& options)
      : text_(text), name_(name), separator_(options.separator), line_(options.first_line) {
    if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
    check_text();
    // Blank lines at the end are no rows; blanks that separate cells are.
    while (!text_.empty() && text_.back() != separator_ && is_blank(text_.back())) text_.remove_suffix(1);
  }

  /// The next row; false at the end.
  bool next(std::vector<Cell>& row) {
    row.clear();
    if (at_ == text_.size()) return false;
    for (;;) {
      if (row.size() == kMostColumns)
        fail_here(fmt::format("expected at most {} columns, found more", kMostColumns));
      row.push_back(cell());
      if (at_ < text_.size() && text_[at_] == separator_) {
        ++at_;
        continue;
      }
      end_line();
      return true;
    }
  }

 private:
  static bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }
  void check_text() {
    const size_t wrong = std::min(find_invalid_utf8(text_), text_.find('\0'));
    if (wrong == std::string_view::npos) return;
    const auto before = text_.substr(0, wrong);
    const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
    fail(name_, std::count(before.begin(), before.end(), '\n') + line_,
         static_cast<int64_t>(wrong - line_start) + 1,
         fmt::format("expected UTF-8 text, found the byte {:02x}; save the table as UTF-8",
                     static_cast<unsigned char>(text_[wrong])));
  }
  [[noreturn]] void fail_here(std::string_view message) const {
    fail(name_, line_, static_cast<int64_t>(at_ - line_start_) + 1, message);
  }
  bool at_line_end() const {
    return at_ == text_.size() || text_[at_] == '\n' || text_.substr(at_, 2) == "\r\n";
  }
  void end_line() {
    if (at_ < text_.size()) at_ += text_[at_] == '\r' ? 2 : 1;
    ++line_;
    line_start_ = at_;
  }
  void skip_blanks() {
    while (at_ < text_.size() && text_[at_] != separator_ && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
  }

  Cell cell() {
    skip_blanks();
    Cell cell;
    cell.line = line_;
    cell.column = static_cast<int64_t>(at_ - line_start_) + 1;
    cell.quoted = at_ < text_.size() && text_[at_] == '"';
    const size_t start = at_;
    if (cell.quoted) {
      quoted(cell);
      skip_blanks();
      if (!at_line_end() && text_[at_] != separator_)
        fail_here(
            "expected the end of the cell after its closing quote, found more; write \"\" for a quote in a "
            "cell");
    } else {
      while (!at_line_end() && text_[at_] != separator_) {
        if (text_[at_] == '"' || text_[at_] == '\r')
          fail_here(
              fmt::format("expected a plain cell, found {} in it; put the whole cell into double quotes",
                          text_[at_] == '"' ? "a double quote" : "a carriage return"));
        ++at_;
      }
      const auto raw = text_.substr(start, at_ - start);
      cell.text = raw.substr(0, raw.find_last_not_of(" \t") + 1);  // npos + 1 is 0
    }
    if (cell.text.size() > kLongestCell)
      fail(name_, cell.line, cell.column,
           fmt::format("expected a cell of at most {} bytes, found {}; check for a quote that is not closed",
                       kLongestCell, cell.text.size()));
    return cell;
  }
  void quoted(Cell& cell) {
    for (++at_;; ++at_) {
      if (at_ == text_.size())
        fail(name_, cell.line, cell.column, "expected a closing quote for this one, found the end; close it");
      if (text_[at_] == '"') {
        ++at_;
        if (at_ == text_.size() || text_[at_] != '"') return;
      }
      cell.text += text_[at_];
      if (text_[at_] == '\n') {
        ++line_;
        line_start_ = at_ + 1;
      }
    }
  }

  std::string_view text_;
  const std::string& name_;
  char separator_;
  size_t at_ = 0, line_start_ = 0;
  int64_t line_;
};

bool is_missing(const Cell& cell, const CsvOptions& options) {
  return !cell.quoted &&
         std::find(options.missing.begin(), options.missing.end(), cell.text) != options.missing.end();
}

/// The number a cell holds; NaN when it is text, as the words "nan" and "inf" are here. Infinite when too
/// large.
double number_in(const std::string& text) {
  const char *begin = text.data(), *end = begin + text.size();
  if (begin != end && *begin == '+' && text.substr(1, 1) != "-") ++begin;
  double value = 0;
  const auto [stop, error] = std::from_chars(begin, end, value);
  constexpr double kText = std::numeric_limits<double>::quiet_NaN();
  if (error == std::errc::invalid_argument || stop != end) return kText;
  if (error == std::errc::result_out_of_range) {
    // Too small is as good as zero; too large has a magnitude that from_chars does not give.
    const size_t exponent = text.find_first_of("eE");
    const bool tiny = exponent == std::string::npos ? text.find('.') != std::string::npos
                                                    : text.substr(exponent + 1, 1) == "-";
    return tiny ? 0.0 : std::numeric_limits<double>::infinity();
  }
  return std::isfinite(value) ? value : kText;
}

bool is_number(const std::string& text) { return !std::isnan(number_in(text)); }

bool is_header(const std::vector<Cell>& first, const std::vector<Cell>& second, const CsvOptions& options) {
  bool number_below = false;
  for (size_t i = 0; i < first.size(); ++i) {
    if (is_number(first[i].text)) return false;
    if (!is_missing(first[i], options) && i < second.size() && is_number(second[i].text)) number_below = true;
  }
  return number_below;
}

/// A column while it grows; text and numbers are told apart by the first value.
struct Builder {
  CsvColumn column;
  bool decided = false, forced = false;
  int64_t first_line = 0;
  std::vector<std::string> texts;
  std::vector<bool> missing;
};

void add(Builder& builder, Cell& cell, const std::string& name, const CsvOptions& options) {
  CsvColumn& column = builder.column;
  const bool missing = is_missing(cell, options);
  builder.missing.push_back(missing);
  column.missing += missing;
  const double number =
      missing || builder.forced ? std::numeric_limits<double>::quiet_NaN() : number_in(cell.text);
  if (!missing && !builder.decided) {
    builder.decided = true;
    builder.first_line = cell.line;
    column.is_number = !std::isnan(number);
  }
  if (!missing && !builder.forced && std::isnan(number) == column.is_number)
    fail(name, cell.line, cell.column,
         fmt::format(
             "expected {} in column \"{}\" as in line {}, found {}; correct the cell, or declare the column "
             "categorical",
             column.is_number ? "a number" : "text", column.name, builder.first_line, shown(cell.text)));
  if (std::isinf(number))
    fail(name, cell.line, cell.column,
         fmt::format(
             "expected a finite number in column \"{}\", found {}; correct the cell, or leave it empty",
             column.name, shown(cell.text)));
  if (column.is_number)
    column.numbers.push_back(number);
  else
    builder.texts.push_back(std::move(cell.text));
}

CsvColumn finish(Builder builder) {
  CsvColumn column = std::move(builder.column);
  if (column.is_number) return column;
  column.numbers.clear();
  // Rows before the first value were kept as missing numbers; they have no text.
  const size_t skipped = builder.missing.size() - builder.texts.size();
  const auto missing = [&](size_t i) { return i < skipped || builder.missing[i]; };
  for (size_t i = skipped; i < builder.missing.size(); ++i)
    if (!missing(i)) column.categories.push_back(builder.texts[i - skipped]);
  std::sort(column.categories.begin(), column.categories.end());
  column.categories.erase(std::unique(column.categories.begin(), column.categories.end()),
                          column.categories.end());
  for (size_t i = 0; i < builder.missing.size(); ++i) {
    if (missing(i)) {
      column.codes.push_back(-1);
      continue;
    }
    const auto at =
        std::lower_bound(column.categories.begin(), column.categories.end(), builder.texts[i - skipped]);
    column.codes.push_back(static_cast<int32_t>(at - column.categories.begin()));
  }
  return column;
}

std::vector<Builder> start_columns(const std::vector<Cell>& first, bool header, const std::string& name,
                                   const CsvOptions& options) {
  std::vector<Builder> builders(first.size());
  if (!options.names.empty() && options.names.size() != first.size())
    fail(name, first[0].line, first[0].column,
         fmt::format("expected {} cells as there are columns, found {}; correct the row",
                     options.names.size(), first.size()));
  std::vector<std::string> names;
  for (size_t i = 0; i < first.size(); ++i) {
    auto& column = builders[i].column;
    if (options.names.empty())
      column.name = header && !first[i].text.empty() ? first[i].text : std::to_string(i);
    else
      column.name = options.names[i];
    names.push_back(column.name);
    if (std::count(options.categorical.begin(), options.categorical.end(), column.name)) {
      builders[i].forced = builders[i].decided = true;
      column.is_number = false;
    }
  }
  for (const auto& wanted : options.categorical)
    if (!std::count(names.begin(), names.end(), wanted))
      fail(name, 1, 1,
           fmt::format("expected a column \"{}\" of categories, found none; check its name", wanted));
  std::sort(names.begin(), names.end());
  if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end())
    fail(name, 1, 1, fmt::format("expected different column names, found \"{}\" twice; rename one", *twice));
  return builders;
}

/// Whether the first row of a table without numbers names its columns: none of its words comes again below,
/// where words do come again.
bool names_words(const CsvTable& table) {
  bool again = false;
  for (const CsvColumn& column : table.columns) {
    if (column.is_number) return false;
    if (column.codes[0] < 0 || std::count(column.codes.begin() + 1, column.codes.end(), column.codes[0]) > 0)
      return false;
    again = again || 2 * (column.categories.size() - 1) <= column.codes.size() - 1;
  }
  return again;
}

}  // namespace

const CsvColumn& CsvTable::column(const std::string& name) const {
  std::string known;
  for (const auto& column : columns) {
    if (column.name == name) return column;
    if (known.size() < 400) known += (known.empty() ? "" : ", ") + column.name;
  }
  throw Error(fmt::format("column \"{}\": expected one of {}; check the name", name, known));
}

CsvTable parse_csv(std::string_view text, const std::string& name, const CsvOptions& options) {
  Cutter cutter(text, name, options);
  std::vector<Cell> first, row;
  if (!cutter.next(first)) fail(name, 1, 1, "expected a table, found none; fill the file");
  bool more = cutter.next(row);
  const bool header = options.names.empty() &&
                      (options.header == CsvHeader::present ||
                       (options.header == CsvHeader::detect && more && is_header(first, row, options)));
  auto builders = start_columns(first, header, name, options);

  CsvTable table;
  table.name = name;
  const auto take = [&](std::vector<Cell>& cells) {
    if (cells.size() != builders.size())
      fail(name, cells[0].line, cells[0].column,
           fmt::format("expected {} cells as in the first row, found {}; correct the row", builders.size(),
                       cells.size()));
    for (size_t i = 0; i < cells.size(); ++i) add(builders[i], cells[i], name, options);
    table.lines.push_back(cells[0].line);
    ++table.rows;
  };
  if (!header) take(first);
  while (more) {
    take(row);
    more = cutter.next(row);
  }
  if (table.rows == 0) fail(name, 1, 1, "expected rows below the header, found none; fill the file");
  for (auto& builder : builders) table.columns.push_back(finish(std::move(builder)));
  if (!header && options.names.empty() && options.header == CsvHeader::detect && names_words(table)) {
    CsvOptions named = options;
    named.header = CsvHeader::present;
    return parse_csv(text, name, named);
  }
  return table;
}

CsvTable read_csv(const std::string& path, const CsvOptions& options, uint64_t limit) {
  const auto bytes = read_maybe_gzip(path, limit);
  return parse_csv({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path, options);
}

}  // namespace folio
