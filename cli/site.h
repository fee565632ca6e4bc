// The living sheet as a site that needs no server: its rows, the guides, the examples and the library's
// headers.
#pragma once
#include <string>

namespace folio::cli {

/// Writes the site into `folder`, which is new, empty, or holds an older one. Throws `Error` when it holds
/// anything else.
void write_site(const std::string& folder);

}  // namespace folio::cli
