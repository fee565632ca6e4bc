#include "folio/data/csv.h"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <cmath>
#include <limits>

#include "folio/base/error.h"
#include "folio/base/gzip.h"
#include "folio/data/csv_cutter.h"
#include "folio/data/csv_layout.h"

namespace folio {
namespace {

using Cell = CsvCell;

constexpr size_t kShownInMessage = 40;

/// A cell as it is shown in a message: its beginning, cut between characters.
std::string shown(const std::string& text) {
  if (text.size() <= kShownInMessage) return "\"" + text + "\"";
  size_t end = kShownInMessage;
  while (end > 0 && (text[end] & 0xC0) == 0x80) --end;
  return "\"" + text.substr(0, end) + "…\"";
}

/// Whether a number is written as only codes are: 007, but not 0 or 0.5.
bool is_code(const std::string& text) {
  return text.size() > 1 && text[0] == '0' &&
         std::all_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; });
}

/// A column while it grows; text and numbers are told apart by the first value.
struct Builder {
  CsvColumn column;
  bool decided = false, forced = false;  // forced: to be categories
  bool lenient = false;                  // to be numbers: what is none is missing
  bool code = false;                     // holds a number that is a code
  int64_t first_line = 0;
  std::vector<std::string> texts;
  std::vector<bool> missing;
};

void add(Builder& builder, Cell& cell, const std::string& name, const CsvOptions& options) {
  CsvColumn& column = builder.column;
  bool missing = is_missing_in_csv(cell.text, options);
  const double number = missing || builder.forced ? std::numeric_limits<double>::quiet_NaN()
                                                  : csv_number(cell.text, options.decimal);
  missing = missing || (builder.lenient && std::isnan(number));
  builder.missing.push_back(missing);
  column.missing += missing;
  if (!missing && !builder.decided) {
    builder.decided = true;
    builder.first_line = cell.line;
    column.is_number = !std::isnan(number);
  }
  if (!missing && !builder.forced && std::isnan(number) == column.is_number)
    fail_in_csv(
        name, cell.line, cell.column,
        fmt::format("expected {} in column \"{}\" as in line {}, found {}; correct the cell, or say that the "
                    "column is categorical (--set categorical={}), or that it is numeric and other cells "
                    "are missing (--set numeric={})",
                    column.is_number ? "a number" : "text", column.name, builder.first_line, shown(cell.text),
                    column.name, column.name));
  if (std::isinf(number))
    fail_in_csv(
        name, cell.line, cell.column,
        fmt::format(
            "expected a finite number in column \"{}\", found {}; correct the cell, or leave it empty",
            column.name, shown(cell.text)));
  builder.code = builder.code || (column.is_number && !builder.lenient && is_code(cell.text));
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
    fail_in_csv(name, first[0].line, first[0].column,
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
    } else if (std::count(options.numeric.begin(), options.numeric.end(), column.name)) {
      builders[i].lenient = builders[i].decided = true;
    }
  }
  for (const auto* list : {&options.categorical, &options.numeric})
    for (const auto& wanted : *list)
      if (!std::count(names.begin(), names.end(), wanted))
        fail_in_csv(name, 1, 1,
                    fmt::format("expected a column \"{}\" {}, found none; check its name", wanted,
                                list == &options.numeric ? "of numbers" : "of categories"));
  std::sort(names.begin(), names.end());
  if (const auto twice = std::adjacent_find(names.begin(), names.end()); twice != names.end())
    fail_in_csv(name, 1, 1,
                fmt::format("expected different column names, found \"{}\" twice; rename one", *twice));
  return builders;
}

}  // namespace

const CsvColumn& CsvTable::column(const std::string& name) const {
  std::string known;
  for (const auto& column : columns) {
    if (column.name == name) return column;
    if (known.size() < 400) known += (known.empty() ? "" : ", ") + column.name;
  }
  throw Error(fmt::format("{}column \"{}\": expected one of {}; check the name",
                          this->name.empty() ? "" : this->name + ": ", name, known));
}

CsvTable parse_csv(std::string_view text, const std::string& name, const CsvOptions& given) {
  const CsvLayout layout = look_at_csv(text, name, given);
  CsvOptions options = given;
  options.separator = layout.separator;
  options.decimal = layout.decimal;
  CsvCutter cutter(text, name, layout.separator, options.first_line);
  std::vector<Cell> first, row;
  if (!cutter.next(first)) fail_in_csv(name, 1, 1, "expected a table, found none; fill the file");
  bool more = cutter.next(row);
  auto builders = start_columns(first, layout.header, name, options);

  CsvTable table;
  table.name = name;
  table.missing = options.missing;
  table.numeric = options.numeric;
  const auto take = [&](std::vector<Cell>& cells) {
    if (cells.size() != builders.size())
      fail_in_csv(name, cells[0].line, cells[0].column,
                  fmt::format("expected {} cells as in the first row, found {}; correct the row",
                              builders.size(), cells.size()));
    for (size_t i = 0; i < cells.size(); ++i) add(builders[i], cells[i], name, options);
    table.lines.push_back(cells[0].line);
    ++table.rows;
  };
  if (!layout.header) take(first);
  while (more) {
    take(row);
    more = cutter.next(row);
  }
  // What was a number until a code came is read again as categories.
  CsvOptions with_codes = given;
  for (const auto& builder : builders)
    if (given.codes && builder.code) with_codes.categorical.push_back(builder.column.name);
  if (with_codes.categorical.size() > given.categorical.size()) return parse_csv(text, name, with_codes);
  if (table.rows == 0) fail_in_csv(name, 1, 1, "expected rows below the header, found none; fill the file");
  for (auto& builder : builders) table.columns.push_back(finish(std::move(builder)));
  return table;
}

CsvTable read_csv(const std::string& path, const CsvOptions& options, uint64_t limit) {
  const auto bytes = read_maybe_gzip(path, limit);
  return parse_csv({reinterpret_cast<const char*>(bytes.data()), bytes.size()}, path, options);
}

}  // namespace folio
