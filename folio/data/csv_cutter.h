// A table's text cut into rows of cells.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace folio {

struct CsvCell {
  std::string text;
  bool quoted = false;
  int64_t line = 1, column = 1;  ///< where it begins
};

/// Throws the `Error` "NAME:LINE:COLUMN: MESSAGE".
[[noreturn]] void fail_in_csv(const std::string& name, int64_t line, int64_t column,
                              std::string_view message);

class CsvCutter {
 public:
  /// Throws `Error` unless the text is UTF-8. It must outlive the cutter.
  CsvCutter(std::string_view text, const std::string& name, char separator, int64_t first_line);
  /// The next row; false at the end.
  bool next(std::vector<CsvCell>& row);

 private:
  void check_text() const;
  [[noreturn]] void fail_here(std::string_view message) const;
  bool at_line_end() const;
  void end_line();
  void skip_blanks();
  CsvCell cell();
  void quoted(CsvCell& cell);

  std::string_view text_;
  const std::string& name_;
  char separator_;
  size_t at_ = 0, line_start_ = 0;
  int64_t line_;
};

}  // namespace folio
