// What is compiled in beside the code, as zip files: see cli/CMakeLists.txt.
#pragma once
#include <string>
#include <vector>

#include "folio/base/zip.h"

namespace folio::cli {

/// docs/, examples/ and the library's headers, by their paths in the repository, and the site's style and
/// script in site/.
const ZipReader& bundled_docs();
/// katex/, which typesets formulas in a browser.
const ZipReader& bundled_katex();
/// A member as text.
std::string bundled_text(const ZipReader& bundle, const std::string& name);

/// A page of the living sheet.
struct SheetPage {
  std::string row;    ///< "D1"
  std::string title;  ///< "Optimizers"
  std::string text;   ///< Markdown, the title first
};
/// All pages, in the order of the rows.
const std::vector<SheetPage>& sheet_pages();

}  // namespace folio::cli
