#include "folio/recipes/sound.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>
#include <set>

#include "folio/base/error.h"
#include "folio/base/tell.h"
#include "folio/data/split.h"
#include "folio/layers/all.h"
#include "folio/models/trainer.h"
#include "folio/pictures/contact_sheet.h"
#include "folio/pictures/picture_file.h"
#include "folio/recipes/baselines.h"
#include "folio/recipes/run.h"
#include "folio/report/png.h"
#include "folio/sound/sound_augmentation.h"

namespace folio {
namespace {

// Each feature's mean and deviation over time.
Tensor statistics(const Tensor& x) {
  const int64_t rows = x.shape()[0], frames = x.shape()[1], width = x.shape()[2];
  Tensor result({rows, 2 * width});
  for (int64_t r = 0; r < rows; ++r)
    for (int64_t c = 0; c < width; ++c) {
      double sum = 0, squares = 0;
      for (int64_t t = 0; t < frames; ++t) {
        const double value = x.data<float>()[(r * frames + t) * width + c];
        sum += value, squares += value * value;
      }
      const double n = static_cast<double>(frames), mean = sum / n;
      result.set(r * 2 * width + c, mean);
      result.set(r * 2 * width + width + c, std::sqrt(std::max(squares / n - mean * mean, 0.0)));
    }
  return result;
}

Baseline linear_model(const Recipe& recipe, const RecipeData& data, const FitOptions& options) {
  const auto as_statistics = [](const Data& part) { return Data(statistics(part.x[0]), part.y[0]); };
  const Data train = as_statistics(data.train);
  const Sequential model({Input(train.x[0].shape().from(1)), scaling_for({train.x[0]}),
                          Dense(data.task.classes, {.activation = "softmax"})});
  compile_for(model, data.task, "adam");
  model.optimizer()->set_learning_rate(0.003);
  FitOptions fit = comparison_fit(options, 60);
  fit.validation_data = as_statistics(data.validation);
  add_early_stopping(fit, recipe.training);
  model.fit(train, fit);
  return {"a linear model of features' means and deviations", model.evaluate(as_statistics(data.test), 256)};
}

// The same network, trained without one group, on the sounds of that group.
Baseline unheard(const Recipe& recipe, const RecipeData& data, const Settings& settings,
                 const FitOptions& options, const std::string& group) {
  std::vector<int64_t> others, own;
  for (size_t i = 0; i < data.groups.size(); ++i)
    (data.groups[i] == group ? own : others).push_back(static_cast<int64_t>(i));
  Data all = data.train;
  const auto changes = std::dynamic_pointer_cast<const SoundAugmentation>(all.augmentation);
  all.augmentation = nullptr;
  Data train = take_rows(all, others);
  if (changes) train.augmentation = changes->of(others);
  const Model model = recipe.build(data.task, settings);
  compile_for(model, data.task, "adam");
  const double rate = *recipe.training.learning_rate;
  FitOptions fit = comparison_fit(options, options.epochs);
  fit.validation_data = {};
  const int epochs = fit.epochs;
  fit.callbacks.push_back(LearningRateScheduler([rate, epochs](int epoch, double) {
    return rate * (0.01 + 0.99 * 0.5 * (1 + std::cos(std::numbers::pi * epoch / epochs)));
  }));
  model.fit(train, fit);
  return {fmt::format("the same network on {}, unheard in training", group),
          model.evaluate(take_rows(all, own), 256)};
}

}  // namespace

std::vector<Setting> sound_settings() {
  constexpr Range kUnits = {1, 1'000'000, true},
                  kParts = {.least = 0, .most = 1, .above = true, .below = true};
  return {
      {"network", "conv", "conv, or recurrent: gru or lstm, both ways"},
      {"units", "16",
       "filters of the first convolution, doubled twice; or units of a recurrent layer each way", kUnits},
      {"dropout", "0.3", "before the last layer", kShares},
      {"features", "mel",
       "mel: logarithms of energies in bands; mfcc: their cosine transform's first coefficients"},
      {"bands", "40", "of frequencies, evenly spaced as they are heard", {4, 1024, true}},
      {"coefficients", "20", "of mfcc", {1, 1024, true}},
      {"rate",
       "auto",
       "samples a second that sounds are brought to, or auto: that of most, 16000 at most",
       {static_cast<double>(kLeastRate), static_cast<double>(kMostRate), true}},
      {"seconds",
       "auto",
       "of a sound that are heard, the first, or auto: all of nearly all of them",
       {0.01, 3600}},
      {"shift", "0.1", "change in training: seconds earlier or later, at most", {0, 3600}},
      {"noise", "0.1", "change in training: how loud white noise gets, as a share of the sound", {0, 1000}},
      {"speed", "0.1", "change in training: how much faster or slower, at most, as a share", {0, 0.89}},
      {"group", "",
       "who or what a sound is of, which then never stands in two parts: folder, the one within the class's, "
       "or a "
       "number: that part of the file's name between _"},
      {"unheard",
       "1",
       "how many voices of fsdd are left out in turn, to tell what becomes of one that was never heard; each "
       "takes a "
       "training",
       {0, 1000, true}},
      {"validation", "0.1", "share by which the best model is chosen, of what is not divided", kParts},
      {"test", "0.2", "share for the final test, of what is not divided", kParts}};
}

Model sound_network(const RecipeTask& task, const Settings& settings) {
  const std::string& network = settings.choice("network", {"conv", "gru", "lstm"});
  const auto units = static_cast<int64_t>(settings.number("units"));
  const double dropout = settings.number("dropout");
  Sequential model({Input(task.input)}, "sound");
  if (task.scaling.defined()) model.add(task.scaling);
  if (network == "conv") {
    // Features of sounds as pictures: time down, frequency to the right.
    model.add(Reshape({task.input[0], task.input[1], 1}));
    for (const int64_t filters : {units, 2 * units, 4 * units}) {
      model.add(Conv2D(filters, 3, {.padding = "same", .use_bias = false}));
      model.add(BatchNormalization({.momentum = 0.9}));
      model.add(Activation("relu"));
      model.add(MaxPooling2D(2, {.padding = "same"}));
    }
    model.add(Conv2D(4 * units, 3, {.padding = "same", .use_bias = false}));
    model.add(BatchNormalization({.momentum = 0.9}));
    model.add(Activation("relu"));
    model.add(GlobalAveragePooling2D());
  } else {
    const auto recurrent = [&](bool sequences) -> Layer {
      if (network == "gru") return GRU(units, {.return_sequences = sequences});
      return LSTM(units, {.return_sequences = sequences});
    };
    model.add(Bidirectional(recurrent(true)));
    if (dropout > 0) model.add(Dropout(dropout));
    model.add(Bidirectional(recurrent(true)));
    model.add(GlobalMaxPooling1D());
  }
  if (dropout > 0) model.add(Dropout(dropout));
  model.add(Dense(task.classes, {.activation = "softmax"}));
  return model;
}

std::vector<Baseline> sound_baselines(const Recipe& recipe, const RecipeData& data, const Settings& settings,
                                      const FitOptions& options) {
  std::vector<Baseline> result = {most_frequent_class(data), linear_model(recipe, data, options)};
  const std::set<std::string> groups(data.groups.begin(), data.groups.end());
  auto left = static_cast<int64_t>(groups.size() < 2 ? 0 : settings.number("unheard"));
  for (const std::string& group : groups) {
    if (left-- <= 0 || stop_requested()) break;
    result.push_back(unheard(recipe, data, settings, options, group));
    if (options.verbose > 0 && !stop_requested())
      tell(fmt::format("{}: {:.1f} % right\n", result.back().name,
                       100 * *find_log(result.back().test, "accuracy")));
  }
  return result;
}

Shown show_sound(const Model&, const RecipeData& data, const Settings&, const std::string& folder) {
  constexpr size_t kClasses = 10, kOfEach = 6;
  // Loud is black; time goes to the right and frequency up, as such pictures are drawn.
  const int64_t frames = data.task.input[0], width = data.task.input[1];
  const Tensor& x = data.test.x[0];
  const auto drawn = [&](int64_t row) {
    const float* from = x.data<float>() + row * frames * width;
    const auto [low, high] = std::minmax_element(from, from + frames * width);
    const double range = std::max(static_cast<double>(*high) - *low, 1e-6);
    Tensor picture({width, frames, 1});
    for (int64_t t = 0; t < frames; ++t)
      for (int64_t b = 0; b < width; ++b)
        picture.set((width - 1 - b) * frames + t, 1 - (from[t * width + b] - *low) / range);
    return as_bytes(picture);
  };
  std::vector<std::vector<Tensor>> lines(std::min(kClasses, data.class_names.size()));
  const std::vector<int64_t> labels = ids_of(data.test.y[0]);
  for (size_t row = 0; row < labels.size(); ++row) {
    const auto label = static_cast<size_t>(labels[row]);
    if (label < lines.size() && lines[label].size() < kOfEach)
      lines[label].push_back(drawn(static_cast<int64_t>(row)));
  }
  std::vector<std::string> names;
  for (size_t c = 0; c < lines.size(); ++c)
    if (!lines[c].empty()) names.push_back(data.class_names[c]);
  std::erase_if(lines, [](const auto& line) { return line.empty(); });
  const Tensor sheet = contact_sheet(lines);
  write_png(folder + "/sounds.png", sheet);
  return {
      .pictures = {{"Sounds of the test, as the network hears them",
                    fmt::format("A line for each of {}: time goes to the right, frequency up; dark is loud.",
                                fmt::join(names, ", ")),
                    png_uri(sheet)}}};
}

}  // namespace folio
