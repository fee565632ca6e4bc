// Tables as the data of model files.
#include <fmt/format.h>

#include <algorithm>

#include "cli/commands.h"
#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/data/csv.h"
#include "folio/models/checked_data.h"
#include "folio/models/model_body.h"
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

// Numbers as they are, words as their places in alphabetical order: of those in `words`, which are the words
// of the rows that the model is trained on.
Tensor target_of(const CsvColumn& column, const std::vector<std::string>& words, const std::string& path) {
  if (column.missing > 0)
    throw Error(
        fmt::format("{}: column \"{}\": expected a target in every row, got {} rows without; remove them",
                    path, column.name, column.missing));
  const auto rows = static_cast<int64_t>(column.is_number ? column.numbers.size() : column.codes.size());
  std::vector<int64_t> numbers;
  for (const std::string& word : column.categories) {
    const auto found = std::lower_bound(words.begin(), words.end(), word);
    if (found == words.end() || *found != word)
      throw Error(fmt::format("{}: column \"{}\": expected one of {}, as in the rows of training, got \"{}\"",
                              path, column.name, fmt::join(words, ", "), word));
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

bool is_table(const std::string& path) { return path.ends_with(".csv") || path.ends_with(".csv.gz"); }

Data read_table(const Model& model, const Options& options, const std::string& path, bool targets,
                const std::string& training) {
  if (const std::string prepared = preparation_beside(options.subject); !prepared.empty()) {
    const TablePreparation preparation = TablePreparation::load(prepared);
    const CsvTable table = read_csv(path, preparation.csv_options());
    Data data;
    if (!targets) {
      data.x = {preparation.inputs(table)};
      return data;
    }
    data = preparation.transform(table);
    if (data.y.empty())
      throw Error(fmt::format("{}: expected the column \"{}\", which the model predicts, found none", path,
                              preparation.target()));
    if (preparation.class_names().size() == 2 && model.outputs()[0].shape()[-1] == 1)
      data.y[0] = data.y[0].cast(DType::float32).reshaped({data.rows(), 1});
    return data;
  }
  const CsvTable table = read_csv(path);
  const std::string target = targets && options.target.empty() ? table.columns.back().name : options.target;
  Data data;
  if (targets) {
    const CsvColumn& column = table.column(target);
    std::vector<std::string> words = column.categories;
    if (!column.is_number && is_table(training) && training != path)
      words = read_csv(training).column(target).categories;
    // A model file does not say which word has which number. Where all are there, their order does.
    if (const int64_t classes = classes_of(model);
        !column.is_number && static_cast<int64_t>(words.size()) != classes)
      throw Error(
          fmt::format("{}: column \"{}\": expected a word for each of the {} classes of the model, got {} "
                      "({}); give the numbers of the classes, or train with folio train table, which keeps "
                      "the words",
                      path, target, classes, words.size(), fmt::join(words, ", ")));
    data.y = {target_of(column, words, path)};
  }
  data.x = {numbers_of(table, target, path)};
  return data;
}

std::string predictions_table(const Options& options, const Tensor& predicted) {
  std::vector<std::string> classes;
  if (const std::string prepared = preparation_beside(options.subject); !prepared.empty())
    classes = TablePreparation::load(prepared).class_names();
  const int64_t rows = predicted.shape()[0], width = predicted.count() / std::max<int64_t>(rows, 1);
  const bool one_share = classes.size() == 2 && width == 1;
  const auto quoted = [](const std::string& name) {
    if (name.find_first_of(",\"\n\r") == std::string::npos) return name;
    std::string text = "\"";
    for (char c : name) text += c == '"' ? std::string("\"\"") : std::string(1, c);
    return text + "\"";
  };
  std::string text = "prediction";
  for (const std::string& name : classes) text += "," + quoted("probability of " + name);
  if (classes.empty())
    for (int64_t c = 1; c < width; ++c) text += fmt::format(",prediction_{}", c);
  text += "\n";
  for (int64_t r = 0; r < rows; ++r) {
    std::vector<double> shares;
    for (int64_t c = 0; c < width; ++c) shares.push_back(predicted.at(r * width + c));
    if (one_share) shares = {1 - shares[0], shares[0]};
    std::string line;
    if (!classes.empty())
      line = quoted(
          classes[static_cast<size_t>(std::max_element(shares.begin(), shares.end()) - shares.begin())]);
    for (double share : shares)
      line += fmt::format("{}{}", line.empty() ? "" : ",", static_cast<float>(share));
    text += line + "\n";
  }
  return text;
}

}  // namespace folio::cli
