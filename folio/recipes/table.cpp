#include "folio/recipes/table.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
#include "folio/base/json_text.h"
#include "folio/data/split.h"
#include "folio/recipes/baselines.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run.h"

namespace folio {
namespace {

// Share of the rows of each part, classes spread evenly, groups kept together.
Split split_of(const CsvTable& table, const CsvColumn& target, bool classes, const Settings& settings,
               uint64_t seed) {
  SplitOptions options;
  options.validation = settings.number("validation");
  options.test = settings.number("test");
  options.seed = seed;
  if (!settings.text("group").empty())
    options.groups = ids_of(table.column(settings.text("group")));
  else if (classes)
    options.classes = ids_of(target);
  return split_rows(table.rows, options);
}

// A row as its file has it, but for what it is to predict.
std::string text_of(const CsvTable& table, int64_t row, const TableOptions& options) {
  std::string text;
  const auto at = static_cast<size_t>(row);
  for (const CsvColumn& column : table.columns) {
    if (column.name == options.target) continue;
    text += fmt::format("{}{} ", text.empty() ? "" : ", ", column.name);
    if (column.is_number ? std::isnan(column.numbers[at]) : column.codes[at] < 0)
      text += "missing";
    else
      text += column.is_number ? fmt::format("{}", column.numbers[at])
                               : column.categories[static_cast<size_t>(column.codes[at])];
  }
  return text;
}

}  // namespace

bool is_table_file(const std::string& path) {
  const std::string plain = path.ends_with(".gz") ? path.substr(0, path.size() - 3) : path;
  return plain.ends_with(".csv") || plain.ends_with(".tsv");
}

RecipeData table_rows(const Recipe&, const RunRequest& request, const Settings& settings) {
  const std::string& path = request.data;
  if (!is_table_file(path))
    throw Error(
        fmt::format("--data: expected a .csv or .tsv file, got \"{}\"; for example: folio train table --data "
                    "iris.csv --target species",
                    path));
  CsvOptions reading;
  reading.categorical = settings.list("categorical");
  reading.numeric = settings.list("numeric");
  for (const std::string& word : settings.list("missing")) reading.missing.push_back(word);
  reading.codes = true;
  const CsvTable all = read_csv(path, reading);
  TableOptions options;
  options.categorical = reading.categorical;
  options.target = request.target.empty() ? all.columns.back().name : request.target;
  options.task = settings.choice("task", {"auto", "regression", "classification"});
  options.scaling = settings.choice("scaling", {"standard", "robust", "minmax", "none"});
  options.scale_in_model = true;
  options.leave_out = settings.list("leave_out");
  if (!settings.text("group").empty()) options.leave_out.push_back(settings.text("group"));

  // Rows without a target cannot be learnt from.
  const std::vector<int64_t> known = rows_with(all, options.target);
  const CsvTable table = take_rows(all, known);
  const bool classes = TablePreparation::fit(table, options).task() == "classification";
  const Split split =
      split_of(table, table.column(options.target), classes, settings, *request.training.seed);
  const TablePreparation preparation = TablePreparation::fit(table, options, split.train);

  RecipeData data;
  data.name = path;
  data.train = preparation.transform(take_rows(table, split.train));
  data.validation = preparation.transform(take_rows(table, split.validation));
  data.test = preparation.transform(take_rows(table, split.test));
  data.class_names = preparation.class_names();
  data.columns = preparation.input_columns();
  data.task.input = data.train.x[0].shape().from(1);
  data.task.classes = static_cast<int64_t>(data.class_names.size());
  data.task.scaling = preparation.as_layer();
  if (data.task.classes == 2)  // one share: that of the second class
    for (Data* part : {&data.train, &data.validation, &data.test})
      part->y[0] = part->y[0].cast(DType::float32).reshaped({part->rows(), 1});
  if (!classes) {
    const Tensor& y = data.train.y[0];
    double sum = 0, squares = 0;
    for (int64_t i = 0; i < y.count(); ++i) sum += y.at(i);
    const double mean = sum / static_cast<double>(y.count());
    for (int64_t i = 0; i < y.count(); ++i) squares += (y.at(i) - mean) * (y.at(i) - mean);
    const double deviation = std::sqrt(squares / static_cast<double>(y.count()));
    data.task.target_mean = mean;
    data.task.target_deviation = deviation > 0 ? deviation : 1;
  }
  data.description = preparation.description();
  const auto in_file = [&](std::vector<int64_t> rows) {
    for (int64_t& row : rows) row = known[static_cast<size_t>(row)];
    return rows;
  };
  for (const int64_t row : split.test) data.test_texts.push_back(text_of(table, row, options));
  data.test_rows = in_file(split.test);
  const Json rows = {
      {"train", in_file(split.train)}, {"validation", in_file(split.validation)}, {"test", data.test_rows}};
  data.files = {{"rows.json", json_text(rows) + "\n"}};
  set_preparation(data.assets, preparation);
  return data;
}

std::vector<Baseline> table_baselines(const Recipe& recipe, const RecipeData& data, const Settings& settings,
                                      const FitOptions& options) {
  Baseline constant;
  if (data.class_names.empty()) {
    const Tensor& wanted = data.test.y[0];
    double error = 0;
    for (int64_t i = 0; i < wanted.count(); ++i) error += std::abs(wanted.at(i) - data.task.target_mean);
    constant = {"always the mean", {{"mae", error / static_cast<double>(wanted.count())}}};
  } else {
    constant = most_frequent_class(data);
  }

  Settings linear = settings;
  linear.set("hidden", "");
  const Model model = recipe.build(data.task, linear);
  compile_for(model, data.task, "adam");
  model.optimizer()->set_learning_rate(0.01);  // it is convex, so that larger steps do no harm
  FitOptions fit = comparison_fit(options, *recipe.training.epochs);
  add_early_stopping(fit, recipe.training);
  model.fit(data.train, fit);
  return {constant, {"a linear model", model.evaluate(data.test, 256)}};
}

}  // namespace folio
