#include "cli/captions.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/predictions.h"
#include "cli/raw_rows.h"
#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/json_text.h"
#include "folio/base/utf8.h"
#include "folio/recipes/caption.h"
#include "folio/recipes/raw_data.h"

namespace folio::cli {
namespace {

// Names and captions in two columns; the caption alone of one picture.
std::string table_of(const RawRows& rows, const std::vector<std::string>& said) {
  constexpr size_t kWidestName = 48;
  if (said.size() == 1) return said[0] + "\n";
  std::vector<std::string> names;
  size_t widest = 0;
  for (size_t i = 0; i < said.size(); ++i) {
    names.push_back(shortened(rows.name(static_cast<int64_t>(i)), kWidestName));
    widest = std::max(widest, count_characters(names.back()));
  }
  std::string text;
  for (size_t i = 0; i < said.size(); ++i)
    text += names[i] + std::string(widest - count_characters(names[i]) + 2, ' ') + said[i] + "\n";
  return text;
}

std::string json_of(const RawRows& rows, const std::vector<std::string>& said) {
  Json list = Json::array();
  for (size_t i = 0; i < said.size(); ++i)
    list.push_back({{"input", rows.name(static_cast<int64_t>(i))}, {"prediction", said[i]}});
  return json_text(list) + "\n";
}

std::string csv_of(const RawRows& rows, const std::vector<std::string>& said) {
  std::string csv = "file,prediction\n";
  for (size_t i = 0; i < said.size(); ++i)
    csv += csv_cell(rows.name(static_cast<int64_t>(i))) + "," + csv_cell(said[i]) + "\n";
  return csv;
}

}  // namespace

bool says_captions(const Model& model) { return asset_of(model, CaptionPreparation::kAsset).has_value(); }

int predict_captions(const Model& model, const Options& options) {
  if (options.threshold)
    throw UsageError("--threshold: expected a model of two classes, got one of captions");
  const bool csv = options.output.ends_with(".csv") || options.output == "-";
  if (!options.output.empty() && !csv)
    throw UsageError(
        fmt::format("--output: expected a name that ends in .csv, or - for standard output, got "
                    "\"{}\"",
                    options.output));
  Captioner captioner(model, options.beam);
  const RawRows rows = read_raw_rows(model, options);
  const std::vector<std::string> said = captioner.captions(rows.data.x[0]);
  if (csv && options.output != "-") {
    write_file_atomically(options.output, csv_of(rows, said));
    if (options.json)
      fmt::print("{}\n", json_text({{"rows", said.size()}, {"file", options.output}}));
    else if (!options.quiet)
      fmt::print("{} pictures -> {}\n", said.size(), options.output);
    return 0;
  }
  fmt::print("{}", csv ? csv_of(rows, said) : options.json ? json_of(rows, said) : table_of(rows, said));
  return 0;
}

Logs caption_logs(const Model& model, const Options& options) {
  return caption_scores(model, caption_rows(model, options.data), options.beam);
}

}  // namespace folio::cli
