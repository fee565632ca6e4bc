// Tables of numbers and categories in comma-separated text.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "folio/base/file.h"

namespace folio {

/// Whether the first row names the columns.
enum class CsvHeader : uint8_t {
  detect,  // it does when none of its cells is a number but a cell below one of them is; in a table of words
           // alone, when none of its words comes again below, where words do come again
  present,
  absent,
};

struct CsvOptions {
  char separator = 0;  // 0: a comma, semicolon, tab or bar, found by looking
  CsvHeader header = CsvHeader::detect;
  // Cells that stand for no value, quoted or not.
  std::vector<std::string> missing = {"",    "?",   "-",    "NA",   "N/A",  "n/a", "#N/A",
                                      "nan", "NaN", "null", "NULL", "None", "<NA>"};
  std::vector<std::string> categorical = {};  // columns that are categories although they hold numbers
  std::vector<std::string> numeric = {};      // columns of numbers: other cells in them are missing
  char decimal = 0;                           // the mark in numbers; 0: a point or comma, found by looking
  std::vector<std::string> names = {};        // of the columns of a text that begins behind its header
  int64_t first_line = 1;                     // the line at which the text begins, for messages
  bool codes = false;  // columns with whole numbers that begin with zeros, such as 00501, are categories
};

/// One column: numbers when every value is one, else categories.
struct CsvColumn {
  std::string name;  // from the header, or its position counted from 0: "0", "1", …
  bool is_number = true;
  std::vector<double> numbers;          // of a numeric column; NaN where missing
  std::vector<std::string> categories;  // of the others: the different values, sorted by their bytes
  std::vector<int32_t> codes;           // and for each row an index of `categories`; -1 where missing
  int64_t missing = 0;                  // rows without a value
};

struct CsvTable {
  std::string name;                           // the file's, for messages
  std::vector<std::string> missing, numeric;  // as it was asked to be read
  std::vector<CsvColumn> columns = {};
  int64_t rows = 0;
  std::vector<int64_t> lines = {};  // in which each row begins, for messages

  /// Throws `Error` naming the columns there are.
  const CsvColumn& column(const std::string& name) const;
};

/// Reads a table: UTF-8 with or without a byte order mark, LF or CR LF, cells in "double quotes" (with "" for
/// ") where they hold separators or line ends, blanks around unquoted cells ignored, every row of equal
/// length, and no blank line but at the end. A column of numbers and text mixed is an error: it is mostly a
/// typing mistake, and text would turn the whole column into categories unseen. Messages begin with
/// `FILE:LINE:COLUMN:`, where COLUMN counts bytes from 1. At most 100,000 columns and 1 MiB a cell.
CsvTable parse_csv(std::string_view text, const std::string& name, const CsvOptions& options = {});
/// The same of a file, plain or gzip'ed, of at most `limit` bytes.
CsvTable read_csv(const std::string& path, const CsvOptions& options = {},
                  uint64_t limit = default_load_limit());

}  // namespace folio
