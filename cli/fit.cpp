#include <fmt/format.h>

#include <chrono>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/captions.h"
#include "cli/commands.h"
#include "cli/entities.h"
#include "folio/analysis/doctor.h"
#include "folio/base/error.h"
#include "folio/base/fields.h"
#include "folio/base/file.h"
#include "folio/base/json_text.h"
#include "folio/base/tell.h"
#include "folio/kernels/cpu/isa.h"
#include "folio/models/model_body.h"
#include "folio/recipes/autoencoder.h"
#include "folio/recipes/history_file.h"
#include "folio/recipes/run_folder.h"
#include "folio/recipes/run_report.h"

namespace folio::cli {
namespace {

// Settings given on the command line replace those stored in the file; the optimizer's state stays unless
// another is named.
void compile_as_asked(const Model& model, const Options& options) {
  TrainingOptions training = model.compiled() ? model.training_options() : TrainingOptions{};
  if (options.training.optimizer) training.optimizer = Optimizer(*options.training.optimizer);
  if (!options.loss.empty()) training.loss = Losses(options.loss);
  if (!options.metrics.empty()) {
    std::vector<Metric> metrics;
    for (const std::string& name : options.metrics) metrics.emplace_back(name);
    training.metrics = Metrics(metrics);
  }
  if (training.loss.empty())
    throw Error(options.subject + ": is not compiled; give --loss (and --optimizer, --metrics)");
  model.compile(training);
  if (options.training.learning_rate) model.optimizer()->set_learning_rate(*options.training.learning_rate);
}

// Tells one file from another.
std::string checksum_of(const std::string& path) {
  uint64_t sum = 14695981039346656037U;  // FNV-1a
  for (const std::byte byte : read_file(path)) sum = (sum ^ static_cast<uint64_t>(byte)) * 1099511628211U;
  return fmt::format("{:016x}", sum);
}

// A resumed fit takes its settings from the command line again, and they must be the same, but for more
// epochs and places of files.
void check_same(const std::string& folder, const Json& now) {
  const Json begun = RunFolder::read_settings(folder);
  for (const auto& [key, value] : now.items())
    if (key != "model" && key != "data" && key != "validation_data" && key != "epochs" &&
        key != "checkpoint_steps")
      if (const auto before = begun.find(key); before == begun.end() || *before != value)
        refuse_to_go_on(folder, key, before == begun.end() ? Json() : *before, value);
}

Json settings_json(Options options) {
  options.training.seed = options.training.seed.value_or(1);  // as `apply_common` has it
  std::string model = checksum_of(options.subject), instruction_set = cpu::to_string(cpu::active_isa());
  return written_fields([&](Fields& f) {
    f("model", options.subject);
    f("model_checksum", model);
    f("instruction_set", instruction_set);
    f("data", options.data);
    f("validation_data", options.validation_data);
    f("validation_split", options.validation_split);
    f("loss", options.loss);
    f("metrics", options.metrics);
    fields(f, options.training);
  });
}

}  // namespace

namespace {

void print_history(const Options& options, const History& history) {
  Logs last;
  for (const auto& [name, values] : history.series) last.emplace_back(name, values.back());
  if (options.json)
    fmt::print("{}\n", json_text(Json::parse(history_json(history))));
  else
    fmt::print("{}\n", logs_text(last));
}

// What a run that has ended left behind.
int give_again(const Options& options) {
  const History history = read_history(options.run + "/history.json");
  if (!options.output.empty()) Model::load(options.run + "/last.keras").save(options.output);
  if (!options.history.empty()) write_history(history, options.history);
  print_history(options, history);
  return 0;
}

}  // namespace

int fit(const Options& options) {
  apply_common(options);
  catch_interrupts();
  if (options.output.empty() && options.run.empty() && options.history.empty())
    throw UsageError(
        "fit: expected --output FILE for the trained model, or --run FOLDER for models, history and report; "
        "got "
        "neither, and the training would be lost");
  if (!options.output.empty() && !options.overwrite) {
    std::error_code ignored;
    if (std::filesystem::equivalent(options.subject, options.output, ignored))
      throw Error(options.output + ": is the model itself; choose another --output or give --overwrite");
  }
  // ".weights.h5" is among what ends in ".h5".
  if (!options.output.empty() && !options.output.ends_with(".keras") && !options.output.ends_with(".h5"))
    throw Error(options.output + ": expected a name that ends in .keras, .h5 or .weights.h5");
  std::vector<std::string> others = files_of_run(options.run);
  for (const std::string& path :
       {options.training.weights.value_or(""), options.data, options.validation_data})
    others.push_back(path);
  // The model itself may be --output with --overwrite, which was looked at above; --history never.
  std::vector<std::string> all = others;
  all.push_back(options.subject);
  check_outputs({{"--history", options.history, Output::Kind::history}}, all, options.overwrite);
  check_outputs({{"--output", options.output, Output::Kind::model},
                 {"--history", options.history, Output::Kind::history}},
                others, options.overwrite);
  const Model model = load_model(options);
  const Data data = read_data(model, options, options.data, true, "train");
  FitOptions fit = fit_options(options.training);
  fit.validation_steps = options.validation_steps;
  fit.validation_split = options.validation_split;
  if (!options.validation_data.empty())
    fit.validation_data =
        read_data(model, options, options.validation_data, true, "validation", options.data);
  fit.verbose = options.quiet || options.json ? 0 : 1;
  add_early_stopping(fit, options.training);
  fit.callbacks.push_back(TerminateOnNaN());
  compile_as_asked(model, options);
  std::optional<RunFolder> folder;
  if (!options.run.empty()) {
    folder.emplace(options.run, options.resume);
    const Json settings = settings_json(options);
    if (options.resume) check_same(options.run, settings);
    if (options.resume && folder->has_ended(fit.epochs)) return give_again(options);
    folder->write_settings(settings);
    const bool validated = !fit.validation_data.empty() || fit.validation_split > 0;
    for (const Callback& callback :
         folder->callbacks(validated ? "val_loss" : "loss", options.training.checkpoint_steps.value_or(0)))
      fit.callbacks.push_back(callback);
  } else if (options.resume) {
    throw Error("--resume: expected --run with the folder of an earlier run, got none");
  }
  int64_t steps = 0;
  const Doctor doctor({.print = !options.quiet && !options.json});
  if (folder) {
    // Before those that save, so that they save its memory too.
    fit.callbacks.insert(fit.callbacks.begin(), doctor);
    fit.callbacks.insert(fit.callbacks.begin(),
                         LambdaCallback({.on_batch_end = [&](Training&, int64_t, const Logs&) { ++steps; }}));
  }
  const auto start = std::chrono::steady_clock::now();
  const History history = model.fit(data, fit);
  if (folder && !history.interrupted) {
    folder->finish(model, history);
    Data validation = fit.validation_data;
    if (validation.empty() && fit.validation_split > 0 && !data.is_streamed())
      validation = data.slice(rows_for_training(data.rows(), fit.validation_split), data.rows());
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    report_run(*folder, {.model = model,
                         .history = history,
                         .part = "validation",
                         .data = validation,
                         .time = {.seconds = seconds.count(), .steps = steps, .batch_size = fit.batch_size},
                         .findings = doctor.findings()});
  }
  if (!options.output.empty()) model.save(options.output);
  if (!options.history.empty()) write_history(history, options.history);
  if (history.interrupted) {
    if (folder)
      tell("folio: interrupted and saved; go on with the same command and --resume\n");
    else if (options.output.empty())
      tell("folio: interrupted\n");
    else
      tell(fmt::format("folio: interrupted; go on with: folio fit {} --data {} --output …\n", options.output,
                       options.data));
    return 130;
  }
  print_history(options, history);
  return 0;
}

int evaluate(const Options& options) {
  apply_common(options);
  const Model model = load_model(options);
  if (says_captions(model)) {
    const Logs logs = caption_logs(model, options);
    fmt::print("{}\n", options.json ? logs_json(logs) : logs_text(logs));
    return 0;
  }
  const Data data = read_data(model, options, options.data, true, "test");
  if (!options.loss.empty() || !options.metrics.empty() || !model.compiled())
    compile_as_asked(model, options);
  Logs logs = model.evaluate(data, options.training.batch_size.value_or(32));
  if (is_for_autoencoder(model, options.data))
    for (const auto& entry : autoencoder_scores(model, {}, data)) logs.push_back(entry);
  if (takes_pairs(model) && !options.data.ends_with(".npz"))
    for (const auto& [name, value] : pair_scores(model, options)) logs.emplace_back(name, value);
  if (finds_entities(model))
    for (const auto& entry : entity_logs(model, data)) logs.push_back(entry);
  fmt::print("{}\n", options.json ? logs_json(logs) : logs_text(logs));
  return 0;
}

}  // namespace folio::cli
