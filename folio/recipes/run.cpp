#include "folio/recipes/run.h"

#include <fmt/format.h>

#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>

#include "folio/analysis/doctor.h"
#include "folio/base/clock.h"
#include "folio/base/error.h"
#include "folio/base/fields.h"
#include "folio/base/file.h"
#include "folio/formats/keras_model.h"
#include "folio/recipes/run_folder.h"
#include "folio/recipes/run_report.h"

namespace folio {
namespace {

/// What settings.json keeps of a run: with it, it can be repeated.
struct KeptRun {
  std::string recipe, data, data_folder, target;
  std::map<std::string, std::string> settings;  ///< the recipe's
  RunSettings training;
  bool doctor = true;
};

// The recipe's own settings by key.
struct Named {
  static void read(const Json& json, void* value, const FieldRules&) {
    auto& settings = *static_cast<std::map<std::string, std::string>*>(value);
    if (!json.is_object()) unexpected("texts by name", json);
    for (const auto& [key, entry] : json.items()) {
      if (!entry.is_string()) unexpected("texts by name", json);
      settings[key] = entry.get<std::string>();
    }
  }
  static void write(Json& json, const void* value, const FieldRules&) {
    json = *static_cast<const std::map<std::string, std::string>*>(value);
  }
  static void check(void*, const FieldRules&) {}
};
constexpr FieldType kNamed = {Named::read, Named::write, Named::check};

void list(Fields& f, KeptRun& run) {
  f("recipe", run.recipe, {.required = true});
  f("data", run.data);
  f("data_folder", run.data_folder);
  f("target", run.target);
  f.visit({"settings", &run.settings, kNamed, {}});
  fields(f, run.training);
  f("doctor", run.doctor);
}

// A resumed run takes what it was started with, unless more epochs, another pace or another place of the data
// is asked for now.
RunRequest completed(RunRequest request) {
  KeptRun kept;
  Json json = RunFolder::read_settings(request.folder);
  // What was not set used to be written as 0 or "".
  for (const char* key : {"steps_per_epoch", "early_stopping", "checkpoint_steps", "weights"})
    if (json.contains(key) && (json[key] == 0 || json[key] == "")) json.erase(key);
  read_fields(json, request.folder + "/settings.json", [&](Fields& f) { list(f, kept); });
  if (kept.recipe != request.recipe)
    throw Error(fmt::format("{}: is a run of {}, not of {}", request.folder, kept.recipe, request.recipe));
  RunSettings now = request.training;
  now.optimizer.reset(), now.weights.reset(), now.seed.reset(), now.shuffle.reset();
  request.training = kept.training;
  overlay(request.training, now);
  if (request.data.empty()) request.data = kept.data_folder.empty() ? kept.data : kept.data_folder;
  if (request.target.empty()) request.target = kept.target;
  request.doctor = kept.doctor;
  request.settings.merge(kept.settings);
  return request;
}

}  // namespace

RunResult run_recipe(const RunRequest& given) {
  RunRequest request = given.resume ? completed(given) : given;
  const Recipe& recipe = folio::recipe(request.recipe);
  Settings settings(recipe.settings);
  for (const auto& [key, value] : request.settings) settings.set(key, value);
  RunSettings training{.optimizer = "adam", .seed = 1, .shuffle = true};
  overlay(training, recipe.training);
  overlay(training, request.training);
  request.training = training;
  const RecipeData data = recipe.load(recipe, request, settings);

  RunResult result;
  result.folder = request.folder.empty() ? new_run_folder(recipe.name) : request.folder;
  set_random_seed(*training.seed);
  FitOptions fit = fit_options(training);
  fit.validation_data = data.validation;
  fit.verbose = request.quiet ? 0 : 1;
  const double rate = training.learning_rate.value();

  // A resumed run begins like the first one; the checkpoint then takes it to where it was.
  const Model model = recipe.build(data.task, settings);
  Optimizer optimizer(training.optimizer.value());
  optimizer->set_learning_rate(rate);
  compile_for(model, data.task, optimizer);
  if (training.weights) model.load_weights(*training.weights);
  result.parameters = model.count_parameters();

  const RunFolder folder(result.folder, request.resume);
  KeptRun kept{recipe.name, data.name, data.folder, request.target, settings.all(), training, request.doctor};
  folder.write_settings(written_fields([&](Fields& f) { list(f, kept); }));
  for (const auto& [name, text] : data.files) write_file_atomically(folder.path() + "/" + name, text);
  if (!request.quiet && !data.description.empty()) fmt::print(stderr, "{}\n", data.description);
  const FitOptions plain = fit;
  if (recipe.schedule == "cosine") {
    const int epochs = fit.epochs;
    fit.callbacks.push_back(LearningRateScheduler([rate, epochs](int epoch, double) {
      return rate * (0.01 + 0.99 * 0.5 * (1 + std::cos(std::numbers::pi * epoch / epochs)));
    }));
  }
  add_early_stopping(fit, training);
  fit.callbacks.push_back(TerminateOnNaN());
  const Doctor doctor({.print = !request.quiet});
  if (request.doctor) fit.callbacks.push_back(doctor);
  int64_t steps = 0;  // of this process
  fit.callbacks.push_back(
      LambdaCallback({.on_batch_end = [&](Training&, int64_t, const Logs&) { ++steps; }}));
  for (const Callback& callback : folder.callbacks(recipe.monitor, training.checkpoint_steps.value_or(0)))
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
