#include "folio/recipes/run.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/data/dataset.h"
#include "folio/formats/keras_model.h"
#include "folio/recipes/run_folder.h"

namespace folio {
namespace {

double seconds_now() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

struct Choice {
  std::string name, folder;
};

// --data takes a name, or a folder whose name (or content) is one of the sets.
Choice choose_data(const Recipe& recipe, const std::string& given) {
  if (given.empty()) return {recipe.data[0], ""};
  for (const DatasetInfo& info : datasets())
    if (info.name == given) return {given, ""};
  std::string base = given;
  while (base.size() > 1 && base.back() == '/') base.pop_back();
  if (!folder_exists(base)) {
    std::vector<std::string> names;
    for (const DatasetInfo& info : datasets()) names.push_back(info.name);
    const std::string near = nearest(given, names);
    throw UsageError(fmt::format("--data: expected a folder or one of {}, got \"{}\"{}",
                                 fmt::join(names, ", "), given,
                                 near.empty() ? "" : "; did you mean \"" + near + "\"?"));
  }
  const std::string last = base.substr(base.rfind('/') + 1);
  for (const DatasetInfo& info : datasets())
    if (info.name == last) return {last, base};
  return {recipe.data[0], base};
}

Json settings_json(const RunRequest& request, const Recipe& recipe, const Settings& settings,
                   const Choice& data, const FitOptions& fit, double rate) {
  Json class_weight = Json::object();
  for (const auto& [label, weight] : fit.class_weight) class_weight[std::to_string(label)] = weight;
  return {{"recipe", recipe.name},
          {"class_weight", class_weight},
          {"data", data.name},
          {"data_folder", data.folder},
          {"settings", settings.all()},
          {"epochs", fit.epochs},
          {"batch_size", fit.batch_size},
          {"steps_per_epoch", fit.steps_per_epoch},
          {"learning_rate", rate},
          {"optimizer", request.optimizer.empty() ? "adam" : request.optimizer},
          {"shuffle", fit.shuffle},
          {"seed", request.seed},
          {"weights", request.weights},
          {"early_stopping", request.early_stopping},
          {"checkpoint_steps", request.checkpoint_steps}};
}

// A resumed run takes what it was started with, unless something else is asked for now.
RunRequest completed(RunRequest request) {
  const Json json = RunFolder::read_settings(request.folder);
  try {
    if (json.at("recipe") != request.recipe)
      throw Error(fmt::format("{}: is a run of {}, not of {}", request.folder,
                              json.at("recipe").get<std::string>(), request.recipe));
    if (request.data.empty())
      request.data = json.at("data_folder").get<std::string>().empty()
                         ? json.at("data").get<std::string>()
                         : json.at("data_folder").get<std::string>();
    if (request.epochs == 0) request.epochs = json.at("epochs").get<int>();
    if (request.batch_size == 0) request.batch_size = json.at("batch_size").get<int64_t>();
    if (request.steps_per_epoch == 0) request.steps_per_epoch = json.at("steps_per_epoch").get<int64_t>();
    if (request.learning_rate == 0) request.learning_rate = json.at("learning_rate").get<double>();
    request.optimizer = json.at("optimizer").get<std::string>();
    request.shuffle = json.at("shuffle").get<bool>();
    request.seed = json.at("seed").get<uint64_t>();
    request.weights = json.at("weights").get<std::string>();
    if (request.early_stopping == 0) request.early_stopping = json.at("early_stopping").get<int>();
    if (request.checkpoint_steps == 0) request.checkpoint_steps = json.at("checkpoint_steps").get<int64_t>();
    for (const auto& [key, value] : json.at("settings").items())
      request.settings.try_emplace(key, value.get<std::string>());
    for (const auto& [label, weight] : json.at("class_weight").items())
      request.class_weight.try_emplace(std::stoi(label), weight.get<double>());
  } catch (const Json::exception& error) {
    throw Error(request.folder + "/settings.json: is damaged: " + error.what());
  }
  return request;
}

}  // namespace

Data picture_data(const std::string& name, const std::string& split, const std::string& folder,
                  bool categorical) {
  Dataset set = load(name, split, folder);
  Data data(set.x, set.y);
  data.scale = 1.0 / 255;
  if (categorical) {
    const auto classes = static_cast<int64_t>(set.class_names.size());
    Tensor vectors({set.y.count(), classes});
    for (int64_t i = 0; i < set.y.count(); ++i)
      vectors.data<float>()[i * classes + set.y.data<int32_t>()[i]] = 1;
    data.y = {vectors};
  }
  return data;
}

RunResult run_recipe(const RunRequest& given) {
  const RunRequest request = given.resume ? completed(given) : given;
  const Recipe& recipe = folio::recipe(request.recipe);
  Settings settings(recipe.settings);
  for (const auto& [key, value] : request.settings) settings.set(key, value);
  const Choice choice = choose_data(recipe, request.data);

  RunResult result;
  result.folder = request.folder.empty() ? new_run_folder(recipe.name) : request.folder;
  const Data train = picture_data(choice.name, "train", choice.folder, recipe.categorical);
  const Data validation = picture_data(choice.name, "validation", choice.folder, recipe.categorical);
  const Data test = picture_data(choice.name, "test", choice.folder, recipe.categorical);

  set_random_seed(request.seed);
  FitOptions fit;
  fit.epochs = request.epochs > 0 ? request.epochs : recipe.epochs;
  fit.batch_size = request.batch_size > 0 ? request.batch_size : recipe.batch_size;
  fit.steps_per_epoch = request.steps_per_epoch > 0 ? request.steps_per_epoch : recipe.steps_per_epoch;
  fit.shuffle = request.shuffle;
  fit.class_weight = request.class_weight;
  fit.validation_data = validation;
  fit.verbose = request.quiet ? 0 : 1;
  const double rate = request.learning_rate > 0 ? request.learning_rate : recipe.learning_rate;

  // A resumed run begins like the first one; the checkpoint then takes it to where it was.
  const Model model = recipe.build(train.x[0].shape().from(1), recipe.classes, settings);
  Optimizer optimizer(request.optimizer.empty() ? "adam" : request.optimizer);
  optimizer->set_learning_rate(rate);
  model.compile({.optimizer = optimizer,
                 .loss = recipe.categorical ? "categorical_crossentropy" : "sparse_categorical_crossentropy",
                 .metrics = {"accuracy"}});
  if (!request.weights.empty()) model.load_weights(request.weights);
  result.parameters = model.count_parameters();

  const RunFolder folder(result.folder, request.resume);
  folder.write_settings(settings_json(request, recipe, settings, choice, fit, rate));
  if (recipe.schedule == "cosine") {
    const int epochs = fit.epochs;
    fit.callbacks.push_back(LearningRateScheduler([rate, epochs](int epoch, double) {
      return rate * (0.01 + 0.99 * 0.5 * (1 + std::cos(std::numbers::pi * epoch / epochs)));
    }));
  }
  if (request.early_stopping > 0)
    fit.callbacks.push_back(
        EarlyStopping({.patience = request.early_stopping, .restore_best_weights = true}));
  fit.callbacks.push_back(TerminateOnNaN());
  for (const Callback& callback : folder.callbacks("val_accuracy", request.checkpoint_steps))
    fit.callbacks.push_back(callback);
  if (request.profile) result.profile = profile_training(model, fit.batch_size);

  const double start = seconds_now();
  result.history = model.fit(train, fit);
  result.seconds = seconds_now() - start;
  result.interrupted = result.history.interrupted;
  if (result.interrupted) return result;
  folder.finish(model, result.history);
  result.test = Model::load(folder.best_model()).evaluate(test, 256);
  return result;
}

}  // namespace folio
