// Texts as the data of model files.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/commands.h"
#include "cli/raw_rows.h"
#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/utf8.h"
#include "folio/data/csv.h"
#include "folio/data/text/text_preparation.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/table.h"
#include "folio/recipes/text_data.h"

namespace folio::cli {
namespace {

TextPreparation preparation_for(const Model& model) {
  const auto found = preparation_of<TextPreparation>(model);
  if (!found) throw InternalError("texts for a model without " + std::string(TextPreparation::kAsset));
  return *found;
}

}  // namespace

bool takes_texts(const Model& model) { return preparation_of<TextPreparation>(model).has_value(); }

Data read_texts(const Model& model, const Options& options, const std::string& path) {
  const TextPreparation preparation = preparation_for(model);
  const std::string target = options.target.empty() ? preparation.options().target : options.target;
  const TextSet set = read_text_set(path, target, preparation.options().column);
  const LabelledTexts& texts = set.test.empty() ? set.train : set.test;
  const std::vector<std::string> names = class_names_of(model);
  Tensor y({static_cast<int64_t>(texts.labels.size())}, DType::int32);
  for (size_t i = 0; i < texts.labels.size(); ++i) {
    const auto found = std::find(names.begin(), names.end(), texts.labels[i]);
    if (found == names.end())
      throw Error(fmt::format("{}: text {}: expected one of the model's labels {}, got \"{}\"", path, i + 1,
                              fmt::join(names, ", "), texts.labels[i]));
    y.data<int32_t>()[i] = static_cast<int32_t>(found - names.begin());
  }
  if (model.outputs()[0].shape()[-1] == 1)
    y = y.cast(DType::float32).reshaped({static_cast<int64_t>(texts.labels.size()), 1});
  return Data(preparation.transform(texts.texts), y);
}

RawRows read_raw_texts(const Model& model, const Options& options) {
  if (options.texts.empty() == options.input.empty())
    throw UsageError("predict: expected --text \"…\" or one --input with texts");
  const TextPreparation preparation = preparation_for(model);
  const auto texts = std::make_shared<std::vector<std::string>>();
  for (const std::string& text : options.texts) texts->push_back(repaired_utf8(text));
  RawRows rows;
  const std::string& column = preparation.options().column;
  if (texts->empty() && is_table_file(options.input) && !column.empty()) {
    CsvOptions reading;
    reading.missing = {""};
    reading.categorical = {column};
    rows = raw_table(read_csv(options.input, reading));
    for (int64_t r = 0; r < rows.count; ++r)
      texts->push_back(repaired_utf8(rows.cell(rows.column(column), r)));
  } else {
    if (texts->empty())
      *texts = options.input == "-" ? lines_of(read_standard_input()) : read_lines(options.input);
    rows.columns = {"text"};
    rows.cell = [texts](size_t, int64_t row) { return (*texts)[static_cast<size_t>(row)]; };
  }
  if (texts->empty()) throw Error(options.input + ": expected one text a line, got an empty file");
  rows.data.x = {preparation.transform(*texts)};
  return rows;
}

}  // namespace folio::cli
