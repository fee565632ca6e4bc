// Texts from sequence to sequence.
#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "cli/commands.h"
#include "cli/predictions.h"
#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/json_text.h"
#include "folio/base/utf8.h"
#include "folio/data/text/text_files.h"
#include "folio/models/trainer.h"
#include "folio/recipes/pair_data.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/translation.h"

namespace folio::cli {
namespace {

std::vector<std::string> given_texts(const Options& options) {
  if (options.texts.empty() == options.input.empty())
    throw UsageError("translate: expected a text (\"…\") or --input FILE with a text a line, got " +
                     std::string(options.texts.empty() ? "neither" : "both"));
  std::vector<std::string> texts;
  if (options.input == "-")
    texts = lines_of(read_standard_input());
  else if (!options.input.empty())
    texts = read_lines(options.input);
  for (const std::string& text : options.texts) texts.push_back(repaired_utf8(text));
  return texts;
}

}  // namespace

bool takes_pairs(const Model& model) { return preparation_of<PairPreparation>(model).has_value(); }

TextPairs read_pairs(const Model& model, const Options& options, const std::string& path) {
  const PairOptions known = preparation_of<PairPreparation>(model)->options();
  PairSet set = read_pair_set(path, {known.source, options.target.empty() ? known.target : options.target});
  return set.test.empty() ? std::move(set.train) : std::move(set.test);
}

Logs pair_scores(const Model& model, const Options& options) {
  const TextPairs pairs = read_pairs(model, options, options.data);
  Translator translator(model, options.beam);
  std::vector<std::string> said;
  for (const std::string& source : pairs.sources) said.push_back(translator(source));
  return translation_scores(said, pairs.targets);
}

int translate(const Options& options) {
  apply_common(options);
  const bool to_file = !options.output.empty() && options.output != "-",
             table = options.output.ends_with(".csv");
  if (to_file)
    check_outputs({{"--output", options.output, table ? Output::Kind::predictions : Output::Kind::texts}},
                  {options.subject, options.input, options.training.weights.value_or("")}, options.overwrite);
  const Model model = load_model(options);
  Translator translator(model, options.beam);
  const std::vector<std::string> texts = given_texts(options);
  std::string lines = table ? "text,prediction\n" : "";
  Json list = Json::array();
  for (const std::string& text : texts) {
    const std::string said = translator(text);
    lines += table ? csv_cell(text) + "," + csv_cell(said) + "\n" : said + "\n";
    list.push_back({{"input", text}, {"prediction", said}});
    if (!to_file && !options.json) fmt::print("{}\n", said);
  }
  if (!to_file && options.json) fmt::print("{}\n", json_text(list));
  if (!to_file) return 0;
  write_file_atomically(options.output, options.json ? json_text(list) + "\n" : lines);
  if (!options.quiet) fmt::print("{} texts -> {}\n", texts.size(), options.output);
  return 0;
}

}  // namespace folio::cli
