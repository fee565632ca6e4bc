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
#include "folio/base/tell.h"
#include "folio/formats/keras_model.h"
#include "folio/kernels/cpu/isa.h"
#include "folio/models/trainer.h"
#include "folio/recipes/raw_data.h"
#include "folio/recipes/run_folder.h"
#include "folio/recipes/run_report.h"
#include "folio/report/run_record.h"
#include "folio/training/warm_up.h"

namespace folio {
namespace {

/// What settings.json keeps of a run: with it, it can be repeated.
struct KeptRun {
  std::string recipe, data, data_folder, target;
  std::map<std::string, std::string> settings;  ///< the recipe's
  RunSettings training;
  bool doctor = true;
  std::string instruction_set = cpu::to_string(cpu::active_isa());
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
  f("instruction_set", run.instruction_set);
}

// A resumed run takes what it was begun with. More epochs, another pace and another place of the data may be
// asked for now; anything else is refused.
RunRequest completed(RunRequest request) {
  KeptRun kept;
  Json json = RunFolder::read_settings(request.folder);
  // What was not set used to be written as 0 or "".
  for (const char* key : {"steps_per_epoch", "early_stopping", "checkpoint_steps", "weights"})
    if (json.contains(key) && (json[key] == 0 || json[key] == "")) json.erase(key);
  read_fields(json, request.folder + "/settings.json", [&](Fields& f) { list(f, kept); });
  const auto same = [&](const std::string& what, const Json& begun, const Json& now) {
    if (begun != now) refuse_to_go_on(request.folder, what, begun, now);
  };
  same("recipe", kept.recipe, request.recipe);
  same("instruction set", kept.instruction_set, cpu::to_string(cpu::active_isa()));
  if (!request.target.empty()) same("target", kept.target, request.target);
  if (request.doctor) same("doctor", kept.doctor, *request.doctor);
  for (const auto& [key, value] : request.settings) same("--set " + key, kept.settings[key], value);
  const Json now = written_fields([&](Fields& f) { fields(f, request.training); });
  for (const auto& [key, value] : now.items())
    if (!value.is_null() && !value.empty() && key != "epochs" && key != "checkpoint_steps")
      same(key, json[key], value);
  const RunSettings given{.epochs = request.training.epochs,
                          .checkpoint_steps = request.training.checkpoint_steps};
  request.training = kept.training;
  overlay(request.training, given);
  if (request.data.empty()) request.data = kept.data_folder.empty() ? kept.data : kept.data_folder;
  if (request.target.empty()) request.target = kept.target;
  request.doctor = kept.doctor;
  request.settings.merge(kept.settings);
  return request;
}

// What a run that has ended had to say.
RunResult result_of(const std::string& folder) {
  const RunRecord record = read_record(folder);
  RunResult result;
  result.folder = folder;
  result.parameters = record.model.total;
  result.seconds = record.time.seconds;
  for (const ResultRecord& part : record.results) {
    constexpr std::string_view kBaseline = "test, ";
    if (part.data == "test")
      result.test = part.values;
    else if (part.data == "validation")
      result.validation = part.values;
    else if (part.data.starts_with(kBaseline))
      result.baselines.push_back({part.data.substr(kBaseline.size()), part.values});
  }
  return result;
}

// A recipe that trains by itself; what is the same of all runs is done here.
RunResult run_alone(const Recipe& recipe, RunRequest request, const Settings& settings) {
  if (request.folder.empty()) request.folder = new_run_folder(recipe.name);
  RunFolder folder(request.folder, request.resume);
  if (request.resume && file_exists(request.folder + "/report.json")) {
    tell(fmt::format("folio: the run in {} has ended; nothing is changed\n", request.folder));
    return result_of(request.folder);
  }
  KeptRun kept{.recipe = recipe.name,
               .data = request.data.empty() ? recipe.data[0] : request.data,
               .data_folder = "",
               .target = request.target,
               .settings = settings.all(),
               .training = request.training,
               .doctor = request.doctor.value_or(true)};
  folder.write_settings(written_fields([&](Fields& f) { list(f, kept); }));
  RunResult result = recipe.train(recipe, request, settings);
  if (result.interrupted) return result;
  const Model model = Model::load(folder.best_model());
  folder.finish(model, result.history);
  report_run(folder, {.model = model, .history = result.history, .time = {.seconds = result.seconds}});
  return result;
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
  if (recipe.train) return run_alone(recipe, request, settings);
  const RecipeData data = recipe.load(recipe, request, settings);

  RunResult result;
  set_random_seed(*training.seed);
  FitOptions fit = fit_options(training);
  fit.validation_data = data.validation;
  fit.verbose = request.quiet ? 0 : 1;
  const double rate = training.learning_rate.value();

  // A resumed run begins like the first one; the checkpoint then takes it to where it was.
  const Model model = recipe.build(data.task, settings);
  const auto learner_of = [&](const Model& whole) {
    return recipe.learner ? recipe.learner(whole, data) : whole;
  };
  const Model learner = learner_of(model);
  const auto compile = [&](const Model& made) {
    Optimizer optimizer(training.optimizer.value());
    optimizer->set_learning_rate(rate);
    if (recipe.compile)
      recipe.compile(made, optimizer, settings);
    else
      compile_for(made, data.task, optimizer);
  };
  compile(learner);
  set_class_names(model, data.class_names);
  for (const auto& [name, text] : data.assets) model.model().assets[name] = text;
  if (training.weights) model.load_weights(*training.weights);
  result.parameters = model.count_parameters();

  result.folder = request.folder.empty() ? new_run_folder(recipe.name) : request.folder;
  RunFolder folder(result.folder, request.resume);
  if (request.resume && folder.has_ended(fit.epochs)) return result_of(result.folder);
  const bool watched = request.doctor.value_or(true);
  KeptRun kept{recipe.name, data.name, data.folder, request.target, settings.all(), training, watched};
  folder.write_settings(written_fields([&](Fields& f) { list(f, kept); }));
  for (const auto& [name, text] : data.files)
    if (const std::string path = folder.path() + "/" + name; !file_exists(path))
      write_file_atomically(path, text);
  if (!request.quiet && !data.description.empty()) tell(data.description + "\n");
  if (recipe.begin) {
    result.baselines = recipe.begin(model, data, settings, fit);
    compile(learner);
  }
  const FitOptions plain = fit;
  if (recipe.schedule == "cosine") {
    const int epochs = fit.epochs;
    fit.callbacks.push_back(LearningRateScheduler([rate, epochs](int epoch, double) {
      return rate * (0.01 + 0.99 * 0.5 * (1 + std::cos(std::numbers::pi * epoch / epochs)));
    }));
  }
  if (recipe.schedule == "warm-up")
    fit.callbacks.push_back(WarmUp({.learning_rate = rate,
                                    .steps = static_cast<int64_t>(settings.number("warm_up")),
                                    .cool_down = settings.number("cool_down")}));
  add_early_stopping(fit, training);
  fit.callbacks.push_back(TerminateOnNaN());
  const Doctor doctor({.print = !request.quiet});
  if (watched) fit.callbacks.push_back(doctor);
  int64_t steps = 0;  // of this process
  fit.callbacks.push_back(
      LambdaCallback({.on_batch_end = [&](Training&, int64_t, const Logs&) { ++steps; }}));
  if (recipe.judge && recipe.monitor == "val_f1")
    fit.callbacks.push_back(LambdaCallback({.on_epoch_end = [&](Training&, int, Logs& logs) {
      for (const auto& [name, value] : recipe.judge(model, data, data.validation))
        set_log(logs, "val_" + name, value);
    }}));
  for (const Callback& callback :
       folder.callbacks(recipe.monitor, training.checkpoint_steps.value_or(0), model))
    fit.callbacks.push_back(callback);
  if (request.profile) result.profile = profile_training(learner, fit.batch_size);

  const double start = seconds_now();
  result.history = learner.fit(data.train, fit);
  result.seconds = seconds_now() - start;
  result.interrupted = result.history.interrupted;
  if (result.interrupted) return result;
  folder.finish(model, result.history);
  const Model best = Model::load(folder.best_model());
  const Model judged = learner_of(best);
  if (!judged.compiled()) compile(judged);
  result.test = judged.evaluate(data.test, 256);
  result.validation = judged.evaluate(data.validation, 256);
  if (recipe.judge)
    for (const auto& [logs, part] :
         {std::pair(&result.test, &data.test), std::pair(&result.validation, &data.validation)})
      for (const auto& entry : recipe.judge(best, data, *part)) logs->push_back(entry);
  Shown shown;
  if (recipe.show) shown = recipe.show(best, data, settings, result.folder);
  result.test.insert(result.test.end(), shown.test.begin(), shown.test.end());
  if (recipe.baselines)
    for (const Baseline& baseline : recipe.baselines(recipe, data, settings, plain))
      result.baselines.push_back(baseline);
  // A baseline that was not trained to its end is none.
  if ((result.interrupted = stop_requested())) return result;
  ReportInputs inputs{.model = best,
                      .history = result.history,
                      .results = {{"validation", result.validation}, {"test", result.test}},
                      // Steps behind the end of a text would count as rightly told.
                      .data = data.task.letters > 0 || data.task.target_steps > 0 ? Data() : data.test,
                      .rows = data.test_rows,
                      .texts = data.test_texts,
                      .class_names = data.class_names,
                      .time = {.seconds = result.seconds, .steps = steps, .batch_size = fit.batch_size},
                      .findings = doctor.findings(),
                      .examples = std::move(shown.examples),
                      .pictures = std::move(shown.pictures)};
  if (!data.columns.empty() && data.validation.rows() > 1)
    inputs.importance = permutation_importance(best, data.validation, data.columns, {.seed = *training.seed});
  for (const Baseline& baseline : result.baselines)
    inputs.results.emplace_back("test, " + baseline.name, baseline.test);
  report_run(folder, std::move(inputs));
  return result;
}

}  // namespace folio
