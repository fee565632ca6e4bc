#include "folio/recipes/text_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "folio/base/error.h"
#include "folio/base/spelling.h"
#include "folio/recipes/table.h"

namespace folio {
namespace {

struct KnownSet {
  const char* name;
  std::vector<std::string> folders;  // by which it goes
  const char* source;
};

const std::vector<KnownSet>& known_sets() {
  static const std::vector<KnownSet> sets = {
      {"aclImdb",
       {"aclImdb", "imdb"},
       "put the folder of the Large Movie Review Dataset into $FOLIO_DATA/aclImdb"},
      {"rt-polarity",
       {"rt-polarity", "rt_polarity", "rt-polaritydata"},
       "put rt-polarity.pos and rt-polarity.neg into $FOLIO_DATA/rt-polarity"},
      {"names",
       {"names"},
       "put a file of names for each language, such as Arabic.txt, into $FOLIO_DATA/names"}};
  return sets;
}

const KnownSet* known_set(const std::string& name) {
  for (const KnownSet& set : known_sets())
    if (std::find(set.folders.begin(), set.folders.end(), name) != set.folders.end()) return &set;
  return nullptr;
}

std::string found_file(const std::string& path) {
  for (const char* ending : {"", ".gz"})
    if (file_exists(path + ending)) return path + ending;
  return "";
}

// Lines: label, stars, name, text, between tabs; the label is 0 or 1.
LabelledTexts read_reviews(const std::string& path) {
  LabelledTexts reviews = read_labelled_lines(path);
  for (size_t i = 0; i < reviews.texts.size(); ++i) {
    std::string& text = reviews.texts[i];
    const size_t first = text.find('\t'),
                 second = text.find('\t', first == std::string::npos ? first : first + 1);
    if (second == std::string::npos)
      throw Error(
          fmt::format("{}: review {}: expected label, stars, name and text between tabs", path, i + 1));
    text.erase(0, second + 1);
    if (reviews.labels[i] == "0") reviews.labels[i] = "neg";
    if (reviews.labels[i] == "1") reviews.labels[i] = "pos";
  }
  return reviews;
}

LabelledTexts read_classes(const std::string& path) {
  LabelledTexts texts = read_labelled_folder(path);
  // The reviews of aclImdb that nobody has labelled.
  for (size_t i = texts.labels.size(); i-- > 0;)
    if (texts.labels[i] == "unsup") {
      texts.labels.erase(texts.labels.begin() + static_cast<std::ptrdiff_t>(i));
      texts.texts.erase(texts.texts.begin() + static_cast<std::ptrdiff_t>(i));
    }
  return texts;
}

bool read_folder(const std::string& folder, TextSet& set) {
  if (const std::string train = found_file(folder + "/train.tsv"), test = found_file(folder + "/test.tsv");
      !train.empty() && !test.empty()) {
    set.train = read_reviews(train);
    set.test = read_reviews(test);
    return true;
  }
  const std::string positive = found_file(folder + "/rt-polarity.pos"),
                    negative = found_file(folder + "/rt-polarity.neg");
  if (!positive.empty() && !negative.empty()) {
    for (const auto& [path, label] : {std::pair(positive, "pos"), std::pair(negative, "neg")})
      for (std::string& line : read_lines(path)) {
        set.train.texts.push_back(std::move(line));
        set.train.labels.emplace_back(label);
      }
    return true;
  }
  const auto folders = folders_in(folder);
  const auto has = [&](const char* name) {
    return std::find(folders.begin(), folders.end(), name) != folders.end();
  };
  if (has("train")) {
    set.train = read_classes(folder + "/train");
    if (has("test")) set.test = read_classes(folder + "/test");
    for (const char* name : {"val", "validation"})
      if (has(name)) set.validation = read_classes(folder + "/" + name);
    return true;
  }
  set.train = folders.empty() ? read_labelled_files(folder) : read_classes(folder);
  return !set.train.empty();
}

}  // namespace

bool is_text_set(const std::string& data) { return known_set(data) != nullptr; }

TextSet read_text_set(const std::string& data, const std::string& target, const std::string& column) {
  TextSet set{.name = data};
  if (file_exists(data)) {
    set.train = is_table_file(data) && (!target.empty() || !column.empty())
                    ? read_labelled_table(data, target, column)
                    : read_labelled_lines(data);
    return set;
  }
  if (folder_exists(data)) {
    set.folder = data;
    if (read_folder(data, set)) return set;
    throw Error(data +
                ": expected one sub-folder of .txt files for each class, or one .txt file of lines for each, "
                "found none");
  }
  const KnownSet* known = known_set(data);
  if (!known) {
    std::vector<std::string> names;
    for (const KnownSet& each : known_sets()) names.emplace_back(each.name);
    const std::string near = nearest(data, names);
    throw UsageError(fmt::format("--data: expected a file, a folder or one of {}, got \"{}\"{}",
                                 fmt::join(names, ", "), data,
                                 near.empty() ? "" : "; did you mean \"" + near + "\"?"));
  }
  std::string looked;
  const char* base = std::getenv("FOLIO_DATA");
  for (const std::string& root : {std::string(base && *base ? base : ""), std::string("/usr/share/datasets")})
    for (const std::string& name : known->folders) {
      if (root.empty()) continue;
      const std::string folder = root + "/" + name;
      looked += (looked.empty() ? "" : ", ") + folder;
      if (folder_exists(folder) && read_folder(folder, set)) {
        set.name = known->name;
        return set;
      }
    }
  throw Error(fmt::format("data set \"{}\": expected its files in {}, found none; {}", known->name, looked,
                          known->source));
}

}  // namespace folio
