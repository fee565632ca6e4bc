#include "folio/data/text/text_files.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>

#include "folio/base/error.h"
#include "folio/base/gzip.h"
#include "folio/base/utf8.h"
#include "folio/data/csv.h"
#include "folio/data/text/cleaning.h"

namespace folio {
namespace {

// The names of what lies in a folder, sorted.
std::vector<std::string> names_in(const std::string& path, bool folders) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
    std::error_code unreadable;
    const std::string name = entry.path().filename().string();
    if (!name.starts_with('.') && entry.is_directory(unreadable) == folders) names.push_back(name);
  }
  if (error) throw Error(path + ": expected a folder that can be read, got: " + error.message());
  std::sort(names.begin(), names.end());
  return names;
}

// A cell as it was, whichever kind its column is.
std::string cell_of(const CsvColumn& column, size_t row) {
  if (column.is_number) return fmt::format("{}", column.numbers[row]);
  return column.codes[row] < 0 ? "" : column.categories[static_cast<size_t>(column.codes[row])];
}

}  // namespace

std::vector<std::string> lines_of(std::string_view text) {
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  std::vector<std::string> lines;
  for (size_t at = 0; at < text.size();) {
    const size_t end = std::min(text.find('\n', at), text.size());
    std::string_view line = text.substr(at, end - at);
    if (end < text.size() && line.ends_with('\r')) line.remove_suffix(1);
    lines.push_back(repaired_utf8(line));
    at = end + 1;
  }
  return lines;
}

std::vector<std::string> read_lines(const std::string& path, uint64_t limit) {
  const auto bytes = read_maybe_gzip(path, limit);
  return lines_of({reinterpret_cast<const char*>(bytes.data()), bytes.size()});
}

LabelledTexts read_labelled_lines(const std::string& path, uint64_t limit) {
  LabelledTexts found;
  int64_t number = 0;
  for (const std::string& line : read_lines(path, limit)) {
    ++number;
    if (line.empty()) continue;
    const size_t tab = line.find('\t');
    if (tab == std::string::npos || tab == 0)
      throw Error(fmt::format("{}:{}: expected label<TAB>text, got \"{}\"{}", path, number,
                              repaired_utf8(line.substr(0, 60)),
                              tab == 0 ? ", whose label is empty"
                                       : " without a tab; for a table give --target and --set text=COLUMN"));
    found.labels.push_back(line.substr(0, tab));
    found.texts.push_back(line.substr(tab + 1));
  }
  if (found.empty()) throw Error(path + ": expected lines label<TAB>text, got none; the file is empty");
  return found;
}

LabelledTexts read_labelled_table(const std::string& path, const std::string& target,
                                  const std::string& text_column, uint64_t limit) {
  if (text_column.empty())
    throw Error(path + ": expected to be told which column holds the texts; give --set text=COLUMN");
  // What stands for "no value" in a table of numbers is a word in a text.
  CsvOptions options;
  options.missing = {""};
  options.categorical.push_back(text_column);
  if (!target.empty()) options.categorical.push_back(target);
  const CsvTable table = read_csv(path, options, limit);
  const std::string &labels = target.empty() ? table.columns.back().name : target, &texts = text_column;
  const CsvColumn &label_column = table.column(labels), &column = table.column(texts);
  if (labels == texts)
    throw Error(fmt::format("{}: expected two columns, got \"{}\" as target and as text", path, labels));
  LabelledTexts found;
  for (int64_t r = 0; r < table.rows; ++r) {
    std::string label = cell_of(label_column, static_cast<size_t>(r));
    if (label.empty()) continue;  // rows without a target cannot be learnt from
    found.labels.push_back(std::move(label));
    found.texts.push_back(cell_of(column, static_cast<size_t>(r)));
  }
  if (found.empty()) throw Error(fmt::format("{}: column \"{}\": expected labels, got none", path, labels));
  return found;
}

std::vector<std::string> folders_in(const std::string& path) { return names_in(path, true); }

LabelledTexts read_labelled_folder(const std::string& path) {
  LabelledTexts found;
  for (const std::string& label : folders_in(path))
    for (const std::string& name : names_in(path + "/" + label, false)) {
      if (!name.ends_with(".txt")) continue;
      found.labels.push_back(label);
      found.texts.push_back(repaired_utf8(read_text_file(path + "/" + label + "/" + name)));
    }
  if (found.empty())
    throw Error(path + ": expected a folder for each class with .txt files in it, found none");
  return found;
}

LabelledTexts read_labelled_files(const std::string& path) {
  constexpr std::string_view kEnding = ".txt";
  LabelledTexts found;
  for (const std::string& name : names_in(path, false)) {
    if (!name.ends_with(kEnding)) continue;
    for (const std::string& line : read_lines(path + "/" + name)) {
      std::string text = squeeze_spaces(line);
      if (text.empty()) continue;
      found.labels.push_back(name.substr(0, name.size() - kEnding.size()));
      found.texts.push_back(std::move(text));
    }
  }
  return found;
}

}  // namespace folio
