// Labelled texts as recipes and the command find them: known sets, files and folders.
#pragma once
#include <optional>
#include <string>

#include "folio/data/text/text_files.h"

namespace folio {

/// Texts of a set; one that is not divided is all in `train`.
struct TextSet {
  std::string name, folder = {};  ///< as settings.json keeps them
  LabelledTexts train = {}, validation = {}, test = {};
};

/// The names of the sets that are known: "aclImdb", "rt-polarity" and "names". They are looked for in
/// $FOLIO_DATA.
bool is_text_set(const std::string& data);
/// `data` is the name of a known set, a folder that holds one, a folder with one sub-folder per class (with
/// train/, test/, val/ or validation/ above them if it is divided) or one .txt file of lines per class, a
/// file of lines label<TAB>text, or a table with the columns `target` and `column`, if either is given.
/// Throws `Error` for anything else.
TextSet read_text_set(const std::string& data, const std::string& target = "",
                      const std::string& column = "");

}  // namespace folio
