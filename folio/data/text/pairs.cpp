#include "folio/data/text/pairs.h"

#include <fmt/format.h>

#include "folio/base/error.h"
#include "folio/base/utf8.h"
#include "folio/data/csv.h"
#include "folio/data/text/text_files.h"
#include "folio/data/text/unicode.h"

namespace folio {
namespace {

bool is_blank(const std::string& text) {
  for (size_t at = 0; at < text.size();)
    if (!is_space(next_code_point(text, at))) return false;
  return true;
}

void add(TextPairs& pairs, std::string source, std::string target) {
  if (is_blank(source) || is_blank(target)) return;
  pairs.sources.push_back(std::move(source));
  pairs.targets.push_back(std::move(target));
}

}  // namespace

TextPairs read_pair_lines(const std::string& path, uint64_t limit) {
  TextPairs pairs;
  int64_t number = 0;
  for (const std::string& line : read_lines(path, limit)) {
    ++number;
    if (is_blank(line)) continue;
    const size_t tab = line.find('\t'), second = tab == line.npos ? tab : line.find('\t', tab + 1);
    const int64_t before = pairs.count();
    if (tab != line.npos) add(pairs, line.substr(0, tab), line.substr(tab + 1, second - tab - 1));
    if (pairs.count() == before)
      throw Error(fmt::format(
          "{}:{}: expected source<TAB>target, got \"{}\"{}", path, number, shortened(line, 60),
          tab == line.npos ? " without a tab; for a table give --set source=COLUMN --target COLUMN, "
                             "for two files --set targets=FILE"
                           : ", of which one side is empty"));
  }
  if (pairs.empty()) throw Error(path + ": expected lines source<TAB>target, got none; the file is empty");
  return pairs;
}

TextPairs read_pair_table(const std::string& path, const std::string& source, const std::string& target,
                          uint64_t limit) {
  if (source == target)
    throw Error(fmt::format("{}: expected two columns, got \"{}\" as source and as target", path, source));
  CsvOptions options;
  options.header = CsvHeader::present;
  options.missing = {""};
  options.categorical = {source, target};
  const CsvTable table = read_csv(path, options, limit);
  const CsvColumn &sources = table.column(source), &targets = table.column(target);
  TextPairs pairs;
  for (size_t r = 0; r < static_cast<size_t>(table.rows); ++r) {
    const int64_t s = sources.codes[r], t = targets.codes[r];
    if (s >= 0 && t >= 0)
      add(pairs, repaired_utf8(sources.categories[static_cast<size_t>(s)]),
          repaired_utf8(targets.categories[static_cast<size_t>(t)]));
  }
  if (pairs.empty())
    throw Error(fmt::format("{}: columns \"{}\" and \"{}\": expected pairs of texts, got none", path, source,
                            target));
  return pairs;
}

TextPairs read_pair_files(const std::string& sources, const std::string& targets, uint64_t limit) {
  std::vector<std::string> source = read_lines(sources, limit), target = read_lines(targets, limit);
  if (source.size() != target.size())
    throw Error(fmt::format("{}: expected as many lines as {} has, {}, got {}", targets, sources,
                            source.size(), target.size()));
  TextPairs pairs;
  for (size_t i = 0; i < source.size(); ++i) add(pairs, std::move(source[i]), std::move(target[i]));
  if (pairs.empty()) throw Error(sources + ": expected a text a line, got none; the file is empty");
  return pairs;
}

}  // namespace folio
