#include "folio/recipes/activity.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "folio/base/error.h"
#include "folio/data/har.h"
#include "folio/data/npy.h"
#include "folio/data/split.h"
#include "folio/layers/all.h"
#include "folio/recipes/baselines.h"
#include "folio/recipes/run.h"

namespace folio {
namespace {

// Classes by number, whatever numbers the file has for them.
Tensor numbered(const Tensor& labels, std::vector<std::string>& names, const std::string& path) {
  std::vector<int64_t> values;
  for (int64_t i = 0; i < labels.count(); ++i) {
    const double value = labels.at(i);
    if (value != std::floor(value))
      throw Error(
          fmt::format("{}: y: expected whole numbers, one for each class, got {} in row {}", path, value, i));
    values.push_back(static_cast<int64_t>(value));
  }
  std::vector<int64_t> classes = values;
  std::sort(classes.begin(), classes.end());
  classes.erase(std::unique(classes.begin(), classes.end()), classes.end());
  constexpr size_t kMost = 1000;
  if (classes.size() < 2 || classes.size() > kMost)
    throw Error(fmt::format("{}: y: expected from 2 to {} classes, got {}", path, kMost, classes.size()));
  for (const int64_t value : classes) names.push_back(std::to_string(value));
  Tensor numbers({labels.count()}, DType::int32);
  for (size_t i = 0; i < values.size(); ++i)
    numbers.data<int32_t>()[i] =
        static_cast<int32_t>(std::lower_bound(classes.begin(), classes.end(), values[i]) - classes.begin());
  return numbers;
}

const Tensor* find(const NamedTensors& arrays, const std::string& name) {
  for (const auto& [key, array] : arrays)
    if (key == name) return &array;
  return nullptr;
}

void describe(RecipeData& data, const std::string& divided) {
  const Shape& shape = data.train.x[0].shape();
  data.task.input = shape.from(1);
  data.task.classes = static_cast<int64_t>(data.class_names.size());
  const Normalization scaling;
  scaling.adapt(data.train.x[0]);
  data.task.scaling = scaling;
  data.description =
      fmt::format("{} windows of {} steps and {} channels to learn from, {} to stop by, {} for the test; {}",
                  shape[0], shape[1], shape[2], data.validation.rows(), data.test.rows(), divided);
}

RecipeData of_arrays(const RunRequest& request, const Settings& settings) {
  const std::string& path = request.data;
  const NamedTensors arrays = read_npz(path);
  const Tensor *x = find(arrays, "x"), *y = find(arrays, "y"), *group = find(arrays, "group");
  if (!x || !y)
    throw Error(path + ": expected the arrays x (rows, steps, channels) and y (rows,), found no such pair");
  if (x->shape().rank() != 3 || y->count() != x->shape()[0])
    throw Error(
        fmt::format("{}: expected x of shape (rows, steps, channels) and y of as many rows, got {} and {}",
                    path, to_string(x->shape()), to_string(y->shape())));
  if (group && group->count() != y->count())
    throw Error(fmt::format("{}: group: expected a number for each of the {} rows, got {}", path, y->count(),
                            group->count()));
  RecipeData data;
  data.name = path;
  const Data all(x->cast(DType::float32), numbered(*y, data.class_names, path));
  SplitOptions options;
  options.validation = settings.number("validation");
  options.test = settings.number("test");
  options.seed = *request.training.seed;
  (group ? options.groups : options.classes) = ids_of(group ? *group : all.y[0]);
  const Split split = split_rows(all.rows(), options);
  data.train = take_rows(all, split.train);
  data.validation = take_rows(all, split.validation);
  data.test = take_rows(all, split.test);
  describe(data,
           group
               ? "no group stands in two parts"
               : "divided by chance; where windows overlap or persons come again, add an array \"group\", or "
                 "the test is too kind");
  return data;
}

RecipeData of_har(const RunRequest& request, const Settings& settings) {
  const std::string folder = find_har(request.data == "har" ? "" : request.data);
  const ActivityWindows known = load_har(folder, "train"), test = load_har(folder, "test");
  RecipeData data;
  data.name = "har";
  if (request.data != "har") data.folder = request.data;
  data.class_names = har_class_names();
  SplitOptions options;
  options.test = 0;
  options.validation = settings.number("validation");
  options.seed = *request.training.seed;
  options.groups = ids_of(known.persons);
  const Split split = split_rows(known.y.count(), options);
  const Data all(known.x, known.y);
  data.train = take_rows(all, split.train);
  data.validation = take_rows(all, split.validation);
  data.test = Data(test.x, test.y);
  describe(data, "nobody stands in two parts");
  return data;
}

// What is simple to say of a window: each channel's mean, deviation, least and most, and how far it moves in
// a step.
constexpr int64_t kStatistics = 5;
Tensor statistics(const Tensor& x) {
  const int64_t rows = x.shape()[0], steps = x.shape()[1], channels = x.shape()[2];
  Tensor result({rows, kStatistics * channels});
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < channels; ++c) {
      double sum = 0, squares = 0, moved = 0, least = INFINITY, most = -INFINITY;
      for (int64_t t = 0; t < steps; ++t) {
        const double value = x.at((r * steps + t) * channels + c);
        sum += value;
        squares += value * value;
        if (t > 0) moved += std::abs(value - x.at((r * steps + t - 1) * channels + c));
        least = std::min(least, value);
        most = std::max(most, value);
      }
      const double mean = sum / static_cast<double>(steps);
      const double variance = std::max(squares / static_cast<double>(steps) - mean * mean, 0.0);
      const double numbers[] = {mean, std::sqrt(variance), least, most,
                                moved / static_cast<double>(std::max<int64_t>(steps - 1, 1))};
      for (int64_t k = 0; k < kStatistics; ++k) result.set((r * channels + c) * kStatistics + k, numbers[k]);
    }
  return result;
}

}  // namespace

RecipeData activity_windows(const Recipe&, const RunRequest& request, const Settings& settings) {
  RunRequest known = request;
  if (known.data.empty()) known.data = "har";
  return known.data.ends_with(".npz") ? of_arrays(known, settings) : of_har(known, settings);
}

Model activity_network(const RecipeTask& task, const Settings& settings) {
  const std::string& network =
      settings.choice("network", {"conv", "lstm", "gru", "simple_rnn", "bidirectional"});
  Sequential model({Input(task.input)}, "activity");
  if (task.scaling.defined()) model.add(task.scaling);
  const auto units = static_cast<int64_t>(settings.number("units"));
  const double dropout = settings.number("dropout");
  if (network == "simple_rnn") {  // as the sheet prints it
    model.add(SimpleRNN(units, {.return_sequences = true}));
    model.add(SimpleRNN(std::max<int64_t>(units / 2, 1)));
  } else if (network == "conv") {
    model.add(Conv1D(units, 5, {.padding = "same", .activation = "relu"}));
    model.add(MaxPooling1D(2));
    model.add(Conv1D(2 * units, 5, {.padding = "same", .activation = "relu"}));
    model.add(MaxPooling1D(2));
    model.add(Conv1D(2 * units, 3, {.padding = "same", .activation = "relu"}));
    model.add(GlobalAveragePooling1D());
  } else if (network == "lstm") {
    model.add(LSTM(units));
  } else if (network == "gru") {
    model.add(GRU(units));
  } else {
    model.add(Bidirectional(LSTM(units)));
  }
  if (dropout > 0 && network != "simple_rnn") model.add(Dropout(dropout));
  model.add(Dense(task.classes, {.activation = "softmax"}));
  return model;
}

std::vector<Baseline> activity_baselines(const Recipe& recipe, const RecipeData& data, const Settings&,
                                         const FitOptions& options) {
  const Data train(statistics(data.train.x[0]), data.train.y[0]),
      test(statistics(data.test.x[0]), data.test.y[0]);
  const Normalization scaling;
  scaling.adapt(train.x[0]);
  const Sequential model(
      {Input(train.x[0].shape().from(1)), scaling, Dense(data.task.classes, {.activation = "softmax"})});
  compile_for(model, data.task, "adam");
  model.optimizer()->set_learning_rate(0.003);
  FitOptions fit = comparison_fit(options, 60);
  fit.validation_data = Data(statistics(data.validation.x[0]), data.validation.y[0]);
  add_early_stopping(fit, recipe.training);
  model.fit(train, fit);
  return {most_frequent_class(data), {"a linear model of simple statistics", model.evaluate(test, 256)}};
}

}  // namespace folio
