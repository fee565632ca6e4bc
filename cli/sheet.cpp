// The living sheet: its rows, or the page of one.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/sheet_pages.h"
#include "folio/base/error.h"
#include "folio/base/json_text.h"
#include "folio/base/spelling.h"

namespace folio::cli {
namespace {

// "# D1 Optimizers" -> "Optimizers"
std::string title_of(const Page& page) {
  std::string title(page.text.substr(0, page.text.find('\n')));
  const size_t row = title.find(page.row);
  return row == std::string::npos ? title : title.substr(std::min(title.size(), row + page.row.size() + 1));
}

// A line of a page as a terminal shows it: pictures and links by the place they lead to.
std::string shown(std::string_view line) {
  std::string text(line);
  for (size_t open; (open = text.find("](")) != std::string::npos;) {
    const size_t close = text.find(')', open), begin = text.rfind('[', open);
    if (close == std::string::npos || begin == std::string::npos) break;
    const bool picture = begin > 0 && text[begin - 1] == '!';
    std::string target = text.substr(open + 2, close - open - 2);
    if (target.starts_with("../../"))
      target = target.substr(6);
    else if (target.starts_with("../"))
      target = "docs/" + target.substr(3);
    const std::string words = text.substr(begin + 1, open - begin - 1);
    text.replace(
        picture ? begin - 1 : begin, close + 1 - (picture ? begin - 1 : begin),
        words == target || "`" + target + "`" == words ? target : fmt::format("{} ({})", words, target));
  }
  return text;
}

const Page& page_of(std::string row) {
  for (char& c : row) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::vector<std::string> rows;
  for (const Page& page : sheet_pages()) {
    if (page.row == row) return page;
    rows.emplace_back(page.row);
  }
  throw UsageError(fmt::format("sheet: expected one of the rows {}, got \"{}\"; folio sheet lists them",
                               fmt::join(rows, ", "), row));
}

}  // namespace

int sheet(const Options& options) {
  if (options.subject.empty()) {
    Json list = Json::array();
    for (const Page& page : sheet_pages()) {
      list.push_back({{"row", page.row}, {"title", title_of(page)}});
      if (!options.json) fmt::print("{:<4} {}\n", page.row, title_of(page));
    }
    if (options.json) fmt::print("{}\n", json_text(list));
    return 0;
  }
  const Page& page = page_of(options.subject);
  if (options.json) {
    fmt::print("{}\n", json_text({{"row", page.row}, {"title", title_of(page)}, {"text", page.text}}));
    return 0;
  }
  bool code = false;
  for (size_t at = 0; at < page.text.size();) {
    const size_t end = std::min(page.text.find('\n', at), page.text.size());
    const std::string_view line = page.text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("```"))
      code = !code;
    else
      fmt::print("{}\n", code ? "    " + std::string(line) : shown(line));
  }
  return 0;
}

}  // namespace folio::cli
