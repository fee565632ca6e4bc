#include "folio/recipes/pair_data.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/json_text.h"
#include "folio/data/split.h"
#include "folio/data/text/pair_preparation.h"
#include "folio/data/text/pair_tasks.h"
#include "folio/data/text/text_files.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"
#include "folio/recipes/table.h"

namespace folio {
namespace {

constexpr const char* kMulti30k = "multi30k";

std::string found_file(const std::string& folder, const std::vector<std::string>& names,
                       const std::string& ending) {
  for (const std::string& name : names)
    for (const char* zipped : {"", ".gz"})
      if (const std::string path = folder + "/" + name + "." + ending + zipped; file_exists(path))
        return path;
  return "";
}

// A part of a divided folder; without pairs when it is not there.
TextPairs read_part(const std::string& folder, const std::vector<std::string>& names,
                    const PairColumns& columns) {
  const std::string source = found_file(folder, names, columns.source),
                    target = found_file(folder, names, columns.target);
  if (source.empty() && target.empty()) return {};
  if (source.empty() || target.empty())
    throw Error(fmt::format("{}: expected {}.{} and {}.{}, found one of them alone", folder, names[0],
                            columns.source, names[0], columns.target));
  return read_pair_files(source, target);
}

bool read_folder(const std::string& folder, const PairColumns& columns, PairSet& set) {
  set.train = read_part(folder, {"train"}, columns);
  if (set.train.empty()) return false;
  set.validation = read_part(folder, {"val", "validation", "dev"}, columns);
  set.test = read_part(folder, {"test", "test_2016_flickr"}, columns);
  set.folder = folder;
  return true;
}

TextPairs take(const TextPairs& from, const std::vector<int64_t>& rows) {
  TextPairs taken;
  for (const int64_t row : rows) {
    taken.sources.push_back(from.sources[static_cast<size_t>(row)]);
    taken.targets.push_back(from.targets[static_cast<size_t>(row)]);
  }
  return taken;
}

// A .tsv may be lines without a head.
bool is_pair_table(const std::string& path, const PairColumns& columns) {
  if (!is_table_file(path) || columns.source.empty() || columns.target.empty()) return false;
  if (path.find(".tsv") == std::string::npos) return true;
  const std::vector<std::string> lines = read_lines(path);
  const std::string head = lines.empty() ? "" : "\t" + lines[0] + "\t";
  return head.find("\t" + columns.source + "\t") != std::string::npos &&
         head.find("\t" + columns.target + "\t") != std::string::npos;
}

// Takes the shares of validation and test off the training pairs, where they are missing. A source that comes
// several times stands in one part only.
void divide(PairSet& set, const Settings& settings, uint64_t seed, RecipeData& data) {
  if (!set.validation.empty() && !set.test.empty()) return;
  SplitOptions options;
  options.validation = set.validation.empty() ? settings.number("validation") : 0;
  options.test = set.test.empty() ? settings.number("test") : 0;
  options.seed = seed;
  std::map<std::string, int64_t> groups;
  for (const std::string& source : set.train.sources)
    options.groups.push_back(groups.try_emplace(source, static_cast<int64_t>(groups.size())).first->second);
  const Split split = split_rows(set.train.count(), options);
  const TextPairs all = std::move(set.train);
  set.train = take(all, split.train);
  if (set.validation.empty()) set.validation = take(all, split.validation);
  if (set.test.empty()) set.test = take(all, split.test);
  const Json rows = {{"train", split.train}, {"validation", split.validation}, {"test", split.test}};
  data.files = {{"rows.json", json_text(rows) + "\n"}};
}

PairSet set_of(const Recipe& recipe, const RunRequest& request, const Settings& settings,
               const PairColumns& columns) {
  if (!request.data.empty() || !recipe.data.empty())
    return read_pair_set(request.data.empty() ? recipe.data[0] : request.data, columns);
  const auto count = static_cast<int64_t>(settings.number("pairs"));
  const auto make = recipe.name == "dates" ? written_dates : reversed_words;
  return {.name = recipe.name, .folder = "", .train = make(count, *request.training.seed)};
}

}  // namespace

PairSet read_pair_set(const std::string& data, const PairColumns& columns) {
  PairSet set{.name = data, .folder = "", .train = {}};
  if (file_exists(data)) {
    set.train = !columns.targets.empty()       ? read_pair_files(data, columns.targets)
                : is_pair_table(data, columns) ? read_pair_table(data, columns.source, columns.target)
                                               : read_pair_lines(data);
    return set;
  }
  const std::string names = fmt::format("train.{} and train.{}", columns.source, columns.target);
  if (folder_exists(data)) {
    if (read_folder(data, columns, set)) return set;
    throw Error(
        fmt::format("{}: expected {}, found neither; --set source=… --set language=… name their "
                    "endings",
                    data, names));
  }
  if (data != kMulti30k)
    throw UsageError(fmt::format(
        "--data: expected a file of lines source<TAB>target, a folder or {}, got \"{}\"", kMulti30k, data));
  std::vector<std::string> folders;
  if (const char* base = std::getenv("FOLIO_DATA"); base && *base) folders.emplace_back(base);
  folders.emplace_back("/usr/share/datasets");
  for (const std::string& folder : folders)
    if (read_folder(folder + "/" + kMulti30k, columns, set)) return set;
  throw Error(
      fmt::format("data set \"{}\": expected {} in {}/{}, found none; put its files there, plain or "
                  "gzip'ed, or give pairs with --data FILE",
                  kMulti30k, names, fmt::join(folders, fmt::format("/{} or ", kMulti30k)), kMulti30k));
}

PiecesOptions pieces_options(const Settings& settings) {
  PiecesOptions options;
  options.unit = settings.choice("unit", {"subword", "word", "character"});
  options.size = static_cast<int64_t>(settings.number("vocabulary"));
  options.least = static_cast<int64_t>(settings.number("least"));
  options.lower = settings.choice("lower", {"yes", "no"}) == "yes";
  return options;
}

RecipeData pair_rows(const Recipe& recipe, const RunRequest& request, const Settings& settings) {
  PairOptions options;
  options.pieces = pieces_options(settings);
  options.shared = settings.choice("shared", {"yes", "no"}) == "yes";
  options.length = static_cast<int64_t>(settings.number("length"));
  options.source = settings.text("source");
  options.target = request.target.empty() ? settings.text("language") : request.target;
  RecipeData data;
  PairSet set = set_of(recipe, request, settings, {options.source, options.target, settings.text("targets")});
  data.name = set.name;
  data.folder = set.folder;
  divide(set, settings, *request.training.seed, data);
  const auto preparation = PairPreparation::fit(set.train, options);
  const TextPairs train = preparation.fitting(set.train);
  if (train.empty())
    throw Error(fmt::format("{}: expected pairs of fewer than {} tokens, got none; give --set length=0",
                            data.name, options.length));
  data.train = preparation.data(train);
  data.validation = preparation.data(set.validation);
  data.test = preparation.data(set.test);
  data.task = recipe.task;
  data.task.input = {preparation.source_steps()};
  data.task.vocabulary = preparation.source_pieces().size();
  data.task.classes = preparation.target_pieces().size();
  data.task.target_steps = preparation.target_steps();
  data.task.shared_vocabulary = options.shared;
  data.test_pairs = std::move(set.test);
  data.description = fmt::format(
      "{}: {} pairs for training ({} longer ones left out), {} for validation, {} for test; {} and {} "
      "tokens, "
      "rows of {} and {}\n",
      data.name, train.count(), set.train.count() - train.count(), data.validation.rows(), data.test.rows(),
      data.task.vocabulary, data.task.classes, preparation.source_steps(), preparation.target_steps());
  set_preparation(data.assets, preparation);
  return data;
}

}  // namespace folio
