// Texts as the data of model files.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <functional>
#include <memory>

#include "cli/commands.h"
#include "cli/raw_rows.h"
#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/base/utf8.h"
#include "folio/data/csv.h"
#include "folio/data/text/text_preparation.h"
#include "folio/layers/preprocessing/text_input.h"
#include "folio/models/model_body.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/table.h"
#include "folio/recipes/text_data.h"

namespace folio::cli {
namespace {

// How texts become rows: by the preparation of Folio's recipes, or by the layer with which a model begins.
struct TextReading {
  std::function<Tensor(const std::vector<std::string>&)> rows;
  std::string column, target;  ///< of a table that the model was trained on
};

TextReading reading_for(const Model& model) {
  if (const auto found = preparation_of<TextPreparation>(model))
    return {[preparation = *found](const auto& texts) { return preparation.transform(texts); },
            found->options().column, found->options().target};
  const TextInputBody* layer = text_input_of(model);
  if (!layer) throw InternalError("texts for a model that takes none");
  if (layer->width() != 1)
    throw Error(
        fmt::format("{}: takes {} texts in each row, expected one; look them up in a program of one's "
                    "own and give the numbers as .npy",
                    layer->label(), layer->width()));
  return {[layer](const auto& texts) { return naming(*layer, [&] { return layer->transform(texts); }); }, "",
          ""};
}

// A label of a model that has no names for its classes.
double number_in(const std::string& label, bool whole, const std::string& place) {
  double value = 0;
  const char* end = label.data() + label.size();
  const auto [stop, error] = std::from_chars(label.data(), end, value);
  if (error != std::errc() || stop != end || (whole && (value < 0 || value != static_cast<int32_t>(value))))
    throw Error(fmt::format("{}: expected {}, because the model has no names for its classes, got \"{}\"",
                            place, whole ? "the number of a class" : "a number", label));
  return value;
}

Tensor targets_of(const Model& model, const Options& options, const std::vector<std::string>& labels,
                  const std::string& path) {
  const std::vector<std::string> names = class_names_of(model);
  const auto rows = static_cast<int64_t>(labels.size());
  const Loss* known = model.compiled() ? model.model().loss_of(0) : nullptr;
  // That of --loss is compiled when the data are there.
  const std::optional<Loss> given = options.loss.empty() ? std::nullopt : std::optional<Loss>(options.loss);
  const Loss* loss = given ? &*given : known;
  const bool classes = !names.empty() || (loss && loss->sparse());
  const int64_t width = model.outputs()[0].shape()[-1];
  if (!classes && width != 1)
    throw Error(
        fmt::format("{}: expected a model with class numbers as targets, or with one output, for "
                    "labelled texts, got one of {} outputs; give arrays (.npz)",
                    path, width));
  Tensor y({rows}, classes ? DType::int32 : DType::float32);
  for (size_t i = 0; i < labels.size(); ++i) {
    const auto row = static_cast<int64_t>(i);
    if (names.empty()) {
      y.set(row, number_in(labels[i], classes, fmt::format("{}: text {}", path, i + 1)));
      continue;
    }
    const auto found = std::find(names.begin(), names.end(), labels[i]);
    if (found == names.end())
      throw Error(fmt::format("{}: text {}: expected one of the model's labels {}, got \"{}\"", path, i + 1,
                              fmt::join(names, ", "), labels[i]));
    y.set(row, static_cast<double>(found - names.begin()));
  }
  return width == 1 ? y.cast(DType::float32).reshaped({rows, 1}) : y;
}

}  // namespace

bool takes_texts(const Model& model) {
  return preparation_of<TextPreparation>(model).has_value() || text_input_of(model);
}

Data read_texts(const Model& model, const Options& options, const std::string& path) {
  const TextReading reading = reading_for(model);
  const std::string target = options.target.empty() ? reading.target : options.target;
  const TextSet set = read_text_set(path, target, reading.column);
  const LabelledTexts& texts = set.test.empty() ? set.train : set.test;
  const Tensor y = targets_of(model, options, texts.labels, path);
  return Data(reading.rows(texts.texts), y);
}

RawRows read_raw_texts(const Model& model, const Options& options) {
  if (options.texts.empty() == options.input.empty())
    throw UsageError("predict: expected --text \"…\" or one --input with texts");
  const TextReading reading = reading_for(model);
  const auto texts = std::make_shared<std::vector<std::string>>();
  for (const std::string& text : options.texts) texts->push_back(repaired_utf8(text));
  RawRows rows;
  const std::string& column = reading.column;
  if (texts->empty() && is_table_file(options.input) && !column.empty()) {
    CsvOptions reading_options;
    reading_options.missing = {""};
    reading_options.categorical = {column};
    rows = raw_table(read_csv(options.input, reading_options));
    for (int64_t r = 0; r < rows.count; ++r)
      texts->push_back(repaired_utf8(rows.cell(rows.column(column), r)));
  } else {
    if (texts->empty())
      *texts = options.input == "-" ? lines_of(read_standard_input()) : read_lines(options.input);
    rows.columns = {"text"};
    rows.cell = [texts](size_t, int64_t row) { return (*texts)[static_cast<size_t>(row)]; };
  }
  if (texts->empty()) throw Error(options.input + ": expected one text a line, got an empty file");
  rows.data.x = {reading.rows(*texts)};
  return rows;
}

}  // namespace folio::cli
