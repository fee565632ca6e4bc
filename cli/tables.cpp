// Tables as the data of model files.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/commands.h"
#include "folio/base/error.h"
#include "folio/base/tell.h"
#include "folio/data/csv.h"
#include "folio/data/table.h"
#include "folio/models/checked_data.h"
#include "folio/models/model_body.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/table.h"

namespace folio::cli {
namespace {

// The columns of numbers in the file's order: what a model without a preparation of its own takes.
Tensor numbers_of(const CsvTable& table, const std::string& target, const std::string& path) {
  std::vector<const CsvColumn*> inputs;
  for (const CsvColumn& column : table.columns) {
    if (column.name == target) continue;
    if (!column.is_number || column.missing > 0)
      throw Error(
          fmt::format("{}: column \"{}\": expected numbers in every row, got {}; train on the table "
                      "with folio train table, which prepares such columns",
                      path, column.name,
                      column.is_number ? fmt::format("{} rows without a value", column.missing)
                                       : fmt::format("text such as \"{}\"", column.categories[0])));
    inputs.push_back(&column);
  }
  const auto width = static_cast<int64_t>(inputs.size());
  Tensor x({table.rows, width});
  for (int64_t r = 0; r < table.rows; ++r)
    for (int64_t c = 0; c < width; ++c)
      x.set(r * width + c, inputs[static_cast<size_t>(c)]->numbers[static_cast<size_t>(r)]);
  return x;
}

// How many classes the model tells apart; 0 when it tells none.
int64_t classes_of(const Model& model) {
  const Loss* loss = model.compiled() ? model.model().loss_of(0) : nullptr;
  const int64_t width = model.outputs()[0].shape()[-1];
  if (loss && takes_shares(*loss) && width == 1) return 2;
  return loss && loss->sparse() ? width : 0;
}

// The words by which a model's classes are to be called: those of the rows that it is trained on.
std::vector<std::string> words_of(const Model& model, const CsvColumn& column, const std::string& path) {
  const int64_t classes = classes_of(model);
  if (static_cast<int64_t>(column.categories.size()) != classes)
    throw Error(fmt::format(
        "{}: column \"{}\": expected a word for each of the {} classes of the model, got {} ({}); train with "
        "a table that holds all of them, or give the numbers of the classes",
        path, column.name, classes, column.categories.size(), fmt::join(column.categories, ", ")));
  return column.categories;
}

// Numbers as they are, words as the model numbers them.
Tensor target_of(const CsvColumn& column, const std::vector<std::string>& words, const std::string& path) {
  if (column.missing > 0)
    throw Error(
        fmt::format("{}: column \"{}\": expected a target in every row, got {} rows without; remove them",
                    path, column.name, column.missing));
  const auto rows = static_cast<int64_t>(column.is_number ? column.numbers.size() : column.codes.size());
  std::vector<int64_t> numbers;
  for (const std::string& word : column.categories) {
    const auto found = std::find(words.begin(), words.end(), word);
    if (found == words.end())
      throw Error(fmt::format("{}: column \"{}\": expected one of the model's classes {}, got \"{}\"", path,
                              column.name, fmt::join(words, ", "), word));
    numbers.push_back(found - words.begin());
  }
  Tensor y({rows, 1});
  for (int64_t r = 0; r < rows; ++r) {
    const auto i = static_cast<size_t>(r);
    y.set(r, column.is_number ? column.numbers[i]
                              : static_cast<double>(numbers[static_cast<size_t>(column.codes[i])]));
  }
  return y;
}

}  // namespace

Data read_table(const Model& model, const Options& options, const std::string& path, bool targets,
                const std::string& training) {
  if (const auto preparation = preparation_of<TablePreparation>(model)) {
    const CsvTable table = read_csv(path, preparation->csv_options());
    for (const std::string& sentence : preparation->unseen(table))
      warn(fmt::format("{}: {}", path, sentence));
    Data data;
    if (!targets) {
      data.x = {preparation->inputs(table)};
      return data;
    }
    data = preparation->transform(table);
    if (data.y.empty())
      throw Error(fmt::format("{}: expected the column \"{}\", which the model predicts, found none", path,
                              preparation->target()));
    if (preparation->class_names().size() == 2 && model.outputs()[0].shape()[-1] == 1)
      data.y[0] = data.y[0].cast(DType::float32).reshaped({data.rows(), 1});
    return data;
  }
  const CsvTable table = read_csv(path);
  const std::string target = targets && options.target.empty() ? table.columns.back().name : options.target;
  Data data;
  if (targets) {
    const CsvColumn& column = table.column(target);
    if (!column.is_number && class_names_of(model).empty())
      set_class_names(
          model,
          words_of(model, training.empty() || training == path ? column : read_csv(training).column(target),
                   path));
    data.y = {target_of(column, class_names_of(model), path)};
  }
  data.x = {numbers_of(table, target, path)};
  return data;
}

namespace {

std::string cell(const CsvColumn& column, size_t row) {
  if (column.is_number) return std::isnan(column.numbers[row]) ? "" : fmt::format("{}", column.numbers[row]);
  return column.codes[row] < 0 ? "" : csv_cell(column.categories[static_cast<size_t>(column.codes[row])]);
}

}  // namespace

std::string csv_cell(const std::string& text) {
  if (text.find_first_of(",\"\n\r") == std::string::npos && !text.starts_with(' ') && !text.ends_with(' '))
    return text;
  std::string quoted = "\"";
  for (char c : text) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return quoted + "\"";
}

std::string predictions_table(const Model& model, const std::string& input, const Tensor& predicted) {
  const std::vector<std::string> classes = class_names_of(model);
  const int64_t rows = predicted.shape()[0], width = predicted.count() / std::max<int64_t>(rows, 1);
  std::vector<std::string> names = {"prediction"};
  for (const std::string& name : classes) names.push_back("probability_" + name);
  if (classes.empty())
    for (int64_t c = 1; c < width; ++c) names.push_back(fmt::format("prediction_{}", c));

  // Predictions that the table holds already are replaced.
  CsvTable table;
  if (is_table_file(input)) {
    const auto preparation = preparation_of<TablePreparation>(model);
    table = read_csv(input, preparation ? preparation->csv_options() : CsvOptions());
    std::erase_if(table.columns, [&](const CsvColumn& column) {
      return std::find(names.begin(), names.end(), column.name) != names.end();
    });
  }
  std::vector<std::string> header;
  for (const CsvColumn& column : table.columns) header.push_back(csv_cell(column.name));
  for (const std::string& name : names) header.push_back(csv_cell(name));
  std::string text = fmt::format("{}\n", fmt::join(header, ","));
  for (int64_t r = 0; r < rows; ++r) {
    for (const CsvColumn& column : table.columns) text += cell(column, static_cast<size_t>(r)) + ",";
    std::vector<double> shares;
    for (int64_t c = 0; c < width; ++c) shares.push_back(predicted.at(r * width + c));
    if (classes.size() == 2 && width == 1) shares = {1 - shares[0], shares[0]};
    std::vector<std::string> cells;
    if (!classes.empty())
      cells.push_back(csv_cell(
          classes[static_cast<size_t>(std::max_element(shares.begin(), shares.end()) - shares.begin())]));
    for (double share : shares) cells.push_back(fmt::format("{}", static_cast<float>(share)));
    text += fmt::format("{}\n", fmt::join(cells, ","));
  }
  return text;
}

}  // namespace folio::cli
