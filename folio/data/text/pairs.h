// Pairs of texts: what goes in, and what is to come out of it.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "folio/base/file.h"

namespace folio {

/// Text i of `sources` and of `targets` belong together.
struct TextPairs {
  std::vector<std::string> sources, targets;
  bool empty() const { return sources.empty(); }
  int64_t count() const { return static_cast<int64_t>(sources.size()); }
};

/// Lines `source<TAB>target`; what stands behind a second tab is passed over, and so are empty lines. Throws
/// `Error` naming the line that has no tab, or nothing on one side of it.
TextPairs read_pair_lines(const std::string& path, uint64_t limit = default_load_limit());
/// Two columns of a .csv or .tsv whose first line names them. Rows without one of the texts are left out.
/// Throws `Error` naming the columns that there are when one is missing.
TextPairs read_pair_table(const std::string& path, const std::string& source, const std::string& target,
                          uint64_t limit = default_load_limit());
/// Two files, plain or gzip'ed, of which line k belongs to line k; pairs with an empty line are left out.
/// Throws `Error` unless they have as many lines.
TextPairs read_pair_files(const std::string& sources, const std::string& targets,
                          uint64_t limit = default_load_limit());

}  // namespace folio
