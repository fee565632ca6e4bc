// Texts in files, with or without labels.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "folio/base/file.h"

namespace folio {

/// Texts and what each is called.
struct LabelledTexts {
  std::vector<std::string> texts, labels;
  bool empty() const { return texts.empty(); }
};

/// The lines of a file, plain or gzip'ed, without their ends (LF or CR LF, and nothing else); a byte order
/// mark is left out, bytes that are no UTF-8 become U+FFFD. Empty lines count. An empty file has no lines.
std::vector<std::string> read_lines(const std::string& path, uint64_t limit = default_load_limit());
/// The same of a text in memory.
std::vector<std::string> lines_of(std::string_view text);

/// Lines `label<TAB>text`; all behind the first tab is the text, quotes too. Empty lines are passed over.
/// Throws `Error` naming the line that has no tab or no label.
LabelledTexts read_labelled_lines(const std::string& path, uint64_t limit = default_load_limit());

/// Two columns of a .csv or .tsv, whatever they hold; an empty `target` is the last. Rows without a label are
/// left out. Throws `Error` when no text column is named.
LabelledTexts read_labelled_table(const std::string& path, const std::string& target,
                                  const std::string& text_column, uint64_t limit = default_load_limit());

/// A folder with one sub-folder per class, in which every .txt file is a text; hidden files are passed over.
/// Throws `Error` when there are none.
LabelledTexts read_labelled_folder(const std::string& path);
/// A folder with one .txt file per class, in which every line is a text, without white space at its ends;
/// empty lines are passed over. Nothing when there are no such files.
LabelledTexts read_labelled_files(const std::string& path);
/// The names of the folders in a folder, sorted; hidden ones are passed over.
std::vector<std::string> folders_in(const std::string& path);

}  // namespace folio
