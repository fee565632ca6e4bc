// The pages of the living sheet, compiled in from docs/sheet: see cmake/embed_pages.cmake.
#pragma once
#include <string_view>
#include <vector>

namespace folio::cli {

struct Page {
  std::string_view row;   ///< of the sheet: "D1"
  std::string_view text;  ///< Markdown, the title first
};

const std::vector<Page>& sheet_pages();

}  // namespace folio::cli
