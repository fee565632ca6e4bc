#include "folio/recipes/run.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "folio/analysis/doctor.h"
#include "folio/base/clock.h"
#include "folio/base/error.h"
#include "folio/base/file.h"
#include "folio/formats/keras_model.h"
#include "folio/recipes/run_folder.h"
#include "folio/recipes/run_report.h"

namespace folio {
namespace {

Json settings_json(const RunRequest& request, const Recipe& recipe, const Settings& settings,
                   const RecipeData& data, const FitOptions& fit, double rate) {
  Json class_weight = Json::object();
  for (const auto& [label, weight] : fit.class_weight) class_weight[std::to_string(label)] = weight;
  return {{"recipe", recipe.name},
          {"class_weight", class_weight},
          {"data", data.name},
          {"data_folder", data.folder},
          {"target", request.target},
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
          {"doctor", request.doctor},
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
    if (request.target.empty()) request.target = json.at("target").get<std::string>();
    if (request.epochs == 0) request.epochs = json.at("epochs").get<int>();
    if (request.batch_size == 0) request.batch_size = json.at("batch_size").get<int64_t>();
    if (request.steps_per_epoch == 0) request.steps_per_epoch = json.at("steps_per_epoch").get<int64_t>();
    if (request.learning_rate == 0) request.learning_rate = json.at("learning_rate").get<double>();
    request.optimizer = json.at("optimizer").get<std::string>();
    request.shuffle = json.at("shuffle").get<bool>();
    request.seed = json.at("seed").get<uint64_t>();
    request.weights = json.at("weights").get<std::string>();
    request.doctor = json.at("doctor").get<bool>();
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

RunResult run_recipe(const RunRequest& given) {
  const RunRequest request = given.resume ? completed(given) : given;
  const Recipe& recipe = folio::recipe(request.recipe);
  Settings settings(recipe.settings);
  for (const auto& [key, value] : request.settings) settings.set(key, value);
  const RecipeData data = recipe.load(recipe, request, settings);

  RunResult result;
  result.folder = request.folder.empty() ? new_run_folder(recipe.name) : request.folder;
  set_random_seed(request.seed);
  FitOptions fit;
  fit.epochs = request.epochs > 0 ? request.epochs : recipe.epochs;
  fit.batch_size = request.batch_size > 0 ? request.batch_size : recipe.batch_size;
  fit.steps_per_epoch = request.steps_per_epoch > 0 ? request.steps_per_epoch : recipe.steps_per_epoch;
  fit.shuffle = request.shuffle;
  fit.class_weight = request.class_weight;
  fit.validation_data = data.validation;
  fit.verbose = request.quiet ? 0 : 1;
  const double rate = request.learning_rate > 0 ? request.learning_rate : recipe.learning_rate;

  // A resumed run begins like the first one; the checkpoint then takes it to where it was.
  const Model model = recipe.build(data.task, settings);
  Optimizer optimizer(request.optimizer.empty() ? "adam" : request.optimizer);
  optimizer->set_learning_rate(rate);
  compile_for(model, data.task, optimizer);
  if (!request.weights.empty()) model.load_weights(request.weights);
  result.parameters = model.count_parameters();

  const RunFolder folder(result.folder, request.resume);
  folder.write_settings(settings_json(request, recipe, settings, data, fit, rate));
  for (const auto& [name, text] : data.files) write_file_atomically(folder.path() + "/" + name, text);
  if (!request.quiet && !data.description.empty()) fmt::print(stderr, "{}\n", data.description);
  const FitOptions plain = fit;
  if (recipe.schedule == "cosine") {
    const int epochs = fit.epochs;
    fit.callbacks.push_back(LearningRateScheduler([rate, epochs](int epoch, double) {
      return rate * (0.01 + 0.99 * 0.5 * (1 + std::cos(std::numbers::pi * epoch / epochs)));
    }));
  }
  if (const int patience = request.early_stopping > 0 ? request.early_stopping : recipe.early_stopping)
    fit.callbacks.push_back(EarlyStopping({.patience = patience, .restore_best_weights = true}));
  fit.callbacks.push_back(TerminateOnNaN());
  const Doctor doctor({.print = !request.quiet});
  if (request.doctor) fit.callbacks.push_back(doctor);
  int64_t steps = 0;  // of this process
  fit.callbacks.push_back(
      LambdaCallback({.on_batch_end = [&](Training&, int64_t, const Logs&) { ++steps; }}));
  for (const Callback& callback : folder.callbacks(recipe.monitor, request.checkpoint_steps))
    fit.callbacks.push_back(callback);
  if (request.profile) result.profile = profile_training(model, fit.batch_size);

  const double start = seconds_now();
  result.history = model.fit(data.train, fit);
  result.seconds = seconds_now() - start;
  result.interrupted = result.history.interrupted;
  if (result.interrupted) return result;
  folder.finish(model, result.history);
  const Model best = Model::load(folder.best_model());
  result.test = best.evaluate(data.test, 256);
  if (recipe.baselines) result.baselines = recipe.baselines(recipe, data, settings, plain);
  ReportInputs inputs{.model = best,
                      .history = result.history,
                      .results = {{"validation", best.evaluate(data.validation, 256)}, {"test", result.test}},
                      .data = data.test,
                      .class_names = data.class_names,
                      .time = {.seconds = result.seconds, .steps = steps, .batch_size = fit.batch_size},
                      .findings = doctor.findings()};
  for (const Baseline& baseline : result.baselines)
    inputs.results.emplace_back("test, " + baseline.name, baseline.test);
  report_run(folder, std::move(inputs));
  return result;
}

}  // namespace folio
