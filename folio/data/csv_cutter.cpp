#include "folio/data/csv_cutter.h"

#include <fmt/format.h>

#include <algorithm>

#include "folio/base/error.h"
#include "folio/base/utf8.h"

namespace folio {
namespace {

constexpr size_t kLongestCell = 1 << 20, kMostColumns = 100'000;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

}  // namespace

void fail_in_csv(const std::string& name, int64_t line, int64_t column, std::string_view message) {
  throw Error(fmt::format("{}:{}:{}: {}", name, line, column, message));
}

CsvCutter::CsvCutter(std::string_view text, const std::string& name, char separator, int64_t first_line)
    : text_(text), name_(name), separator_(separator), line_(first_line) {
  if (text_.starts_with("\xEF\xBB\xBF")) text_.remove_prefix(3);
  check_text();
  // Blank lines at the end are no rows; blanks that separate cells are.
  while (!text_.empty() && text_.back() != separator_ && is_blank(text_.back())) text_.remove_suffix(1);
}

bool CsvCutter::next(std::vector<CsvCell>& row) {
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

void CsvCutter::check_text() const {
  const size_t wrong = std::min(find_invalid_utf8(text_), text_.find('\0'));
  if (wrong == std::string_view::npos) return;
  const auto before = text_.substr(0, wrong);
  const size_t line_start = before.rfind('\n') + 1;  // npos + 1 is 0
  fail_in_csv(name_, std::count(before.begin(), before.end(), '\n') + line_,
              static_cast<int64_t>(wrong - line_start) + 1,
              fmt::format("expected UTF-8 text, found the byte {:02x}; save the table as UTF-8",
                          static_cast<unsigned char>(text_[wrong])));
}

void CsvCutter::fail_here(std::string_view message) const {
  fail_in_csv(name_, line_, static_cast<int64_t>(at_ - line_start_) + 1, message);
}

bool CsvCutter::at_line_end() const {
  return at_ == text_.size() || text_[at_] == '\n' || text_.substr(at_, 2) == "\r\n";
}

void CsvCutter::end_line() {
  if (at_ < text_.size()) at_ += text_[at_] == '\r' ? 2 : 1;
  ++line_;
  line_start_ = at_;
}

void CsvCutter::skip_blanks() {
  while (at_ < text_.size() && text_[at_] != separator_ && (text_[at_] == ' ' || text_[at_] == '\t')) ++at_;
}

CsvCell CsvCutter::cell() {
  skip_blanks();
  CsvCell cell;
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
        fail_here(fmt::format("expected a plain cell, found {} in it; put the whole cell into double quotes",
                              text_[at_] == '"' ? "a double quote" : "a carriage return"));
      ++at_;
    }
    const auto raw = text_.substr(start, at_ - start);
    cell.text = raw.substr(0, raw.find_last_not_of(" \t") + 1);  // npos + 1 is 0
  }
  if (cell.text.size() > kLongestCell)
    fail_in_csv(
        name_, cell.line, cell.column,
        fmt::format("expected a cell of at most {} bytes, found {}; check for a quote that is not closed",
                    kLongestCell, cell.text.size()));
  return cell;
}

void CsvCutter::quoted(CsvCell& cell) {
  for (++at_;; ++at_) {
    if (at_ == text_.size())
      fail_in_csv(name_, cell.line, cell.column,
                  "expected a closing quote for this one, found the end; close it");
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

}  // namespace folio
