#include "cli/entities.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/json_text.h"
#include "folio/base/utf8.h"
#include "folio/data/text/text_files.h"
#include "folio/recipes/entities.h"
#include "folio/recipes/raw_data.h"

namespace folio::cli {
namespace {

struct Said {
  std::string text;
  std::vector<Entity> entities;  // of bytes of the text
};

std::string quoted(const std::string& text) {
  std::string whole = "\"";
  for (const char c : text) whole += c == '"' ? std::string("\"\"") : std::string(1, c);
  return whole + "\"";
}

std::string part_of(const Said& said, const Entity& entity) {
  return said.text.substr(static_cast<size_t>(entity.first), static_cast<size_t>(entity.last - entity.first));
}

// "[Anna]person lives in [New York]location"
std::string marked(const Said& said) {
  std::string line;
  size_t at = 0;
  for (const Entity& entity : said.entities) {
    line += said.text.substr(at, static_cast<size_t>(entity.first) - at);
    line += fmt::format("[{}]{}", part_of(said, entity), entity.kind);
    at = static_cast<size_t>(entity.last);
  }
  line += said.text.substr(at);
  for (char& c : line)  // what moves a terminal's cursor
    if (static_cast<unsigned char>(c) < ' ') c = ' ';
  return line;
}

std::vector<Said> say(const Model& model, const EntityPreparation& preparation,
                      std::vector<std::string> texts) {
  std::vector<std::vector<PlacedWord>> placed;
  std::vector<std::vector<std::string>> words;
  std::vector<Said> all;
  for (std::string& text : texts) {
    placed.push_back(cut_into_words(text));
    auto& row = words.emplace_back();
    for (const PlacedWord& word : placed.back()) row.push_back(word.word);
    all.push_back({std::move(text), {}});
  }
  const std::vector<Tags> tags = tag_sentences(model, preparation, words);
  for (size_t i = 0; i < all.size(); ++i)
    for (Entity& entity : entities_of(tags[i])) {
      const size_t first = placed[i][static_cast<size_t>(entity.first)].first,
                   last = placed[i][static_cast<size_t>(entity.last - 1)].last;
      all[i].entities.push_back(
          {std::move(entity.kind), static_cast<int64_t>(first), static_cast<int64_t>(last)});
    }
  return all;
}

EntityPreparation preparation_for(const Model& model) {
  const auto found = preparation_of<EntityPreparation>(model);
  if (!found) throw InternalError("entities for a model without " + std::string(EntityPreparation::kAsset));
  return *found;
}

}  // namespace

bool finds_entities(const Model& model) { return asset_of(model, EntityPreparation::kAsset).has_value(); }

Data read_entities(const Model& model, const std::string& path) {
  const EntityPreparation preparation = preparation_for(model);
  const TaggedSet set = read_tagged_set(path);
  const TaggedTexts& texts = set.test.empty() ? set.train : set.test;
  return {preparation.transform(preparation.pieces(texts.words)),
          {preparation.targets(preparation.pieces(texts.tags), path)}};
}

Logs entity_logs(const Model& model, const Data& data) {
  RecipeData named;
  named.class_names = preparation_for(model).tag_names();
  return entity_scores(model, named, data);
}

int predict_entities(const Model& model, const Options& options) {
  if (options.texts.empty() == options.input.empty())
    throw UsageError("predict: expected --text \"…\" or one --input with a text on each line");
  if (options.threshold)
    throw UsageError("--threshold: expected a model of two classes, got one of entities");
  std::vector<std::string> texts;
  for (const std::string& text : options.texts) texts.push_back(repaired_utf8(text));
  if (texts.empty())
    texts = options.input == "-" ? lines_of(read_standard_input()) : read_lines(options.input);
  if (texts.empty()) throw Error(options.input + ": expected one text a line, got an empty file");
  const std::vector<Said> all = say(model, preparation_for(model), std::move(texts));
  if (!options.output.empty()) {
    std::string csv = "prediction,text,entity\n";
    for (const Said& said : all) {
      for (const Entity& entity : said.entities)
        csv +=
            fmt::format("{},{},{}\n", quoted(entity.kind), quoted(said.text), quoted(part_of(said, entity)));
      if (said.entities.empty()) csv += fmt::format(",{},\n", quoted(said.text));
    }
    if (options.output == "-") {
      fmt::print("{}", csv);
      return 0;
    }
    write_file_atomically(options.output, csv);
    if (options.json)
      fmt::print("{}\n", json_text({{"rows", all.size()}, {"file", options.output}}));
    else if (!options.quiet)
      fmt::print("{} texts -> {}\n", all.size(), options.output);
    return 0;
  }
  if (options.json) {
    Json list = Json::array();
    for (const Said& said : all) {
      Json entities = Json::array();
      for (const Entity& entity : said.entities)
        entities.push_back({{"text", part_of(said, entity)},
                            {"kind", entity.kind},
                            {"first", entity.first},
                            {"last", entity.last}});
      list.push_back({{"input", said.text}, {"entities", entities}});
    }
    fmt::print("{}\n", json_text(list));
    return 0;
  }
  for (const Said& said : all) fmt::print("{}\n", marked(said));
  return 0;
}

}  // namespace folio::cli
