// The living sheet: its rows, or the page of one.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <nlohmann/json.hpp>

#include "cli/bundles.h"
#include "cli/commands.h"
#include "cli/site.h"
#include "folio/base/error.h"
#include "folio/base/json_text.h"
#include "folio/base/spelling.h"

namespace folio::cli {
namespace {

// A line of a page as a terminal shows it: pictures and links by the place they lead to.
std::string shown(std::string text) {
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

const SheetPage& page_of(std::string row) {
  for (char& c : row) c = static_cast<char>(std::toupper(static_cast<unsigned char>(c)));
  std::vector<std::string> rows;
  for (const SheetPage& page : sheet_pages()) {
    if (page.row == row) return page;
    rows.push_back(page.row);
  }
  throw UsageError(fmt::format("sheet: expected one of the rows {}, got \"{}\"; folio sheet lists them",
                               fmt::join(rows, ", "), row));
}

}  // namespace

int sheet(const Options& options) {
  if (!options.html.empty()) {
    if (!options.subject.empty())
      throw UsageError("sheet: expected --html for the whole sheet, got a row too");
    write_site(options.html);
    fmt::print("site: {}/index.html\n", options.html);
    return 0;
  }
  if (options.subject.empty()) {
    Json list = Json::array();
    for (const SheetPage& page : sheet_pages()) {
      list.push_back({{"row", page.row}, {"title", page.title}});
      if (!options.json) fmt::print("{:<4} {}\n", page.row, page.title);
    }
    if (options.json) fmt::print("{}\n", json_text(list));
    return 0;
  }
  const SheetPage& page = page_of(options.subject);
  if (options.json) {
    fmt::print("{}\n", json_text({{"row", page.row}, {"title", page.title}, {"text", page.text}}));
    return 0;
  }
  bool code = false;
  for (size_t at = 0; at < page.text.size();) {
    const size_t end = std::min(page.text.find('\n', at), page.text.size());
    const std::string line = page.text.substr(at, end - at);
    at = end + 1;
    if (line.starts_with("```"))
      code = !code;
    else
      fmt::print("{}\n", code ? "    " + line : shown(line));
  }
  return 0;
}

}  // namespace folio::cli
