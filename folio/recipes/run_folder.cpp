#include "folio/recipes/run_folder.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <algorithm>
#include <ctime>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "folio/base/clock.h"
#include "folio/base/error.h"
#include "folio/base/json_text.h"
#include "folio/base/tell.h"
#include "folio/formats/checkpoint.h"
#include "folio/formats/keras_model.h"
#include "folio/recipes/history_file.h"

namespace folio {
namespace {

constexpr double kSecondsBetweenCheckpoints = 30;

std::string settings_file(const std::string& folder) { return folder + "/settings.json"; }

void write_histories(const History& history, const std::string& folder) {
  write_history(history, folder + "/history.json");
  write_file_atomically(folder + "/history.csv", history_csv(history));
}

// All that a model file holds beside what never changes.
std::vector<Parameter> state_of(const Model& model) {
  std::vector<Parameter> all = model.weights();
  for (const Parameter& variable : model.optimizer()->variables()) all.push_back(variable);
  return all;
}

std::vector<Tensor> values_of(const std::vector<Parameter>& parameters) {
  std::vector<Tensor> values;
  for (const Parameter& parameter : parameters) values.push_back(parameter.value().clone());
  return values;
}

void set(std::vector<Parameter> parameters, const std::vector<Tensor>& values) {
  for (size_t i = 0; i < parameters.size(); ++i) parameters[i].set(values[i]);
}

}  // namespace

/// The best model, the last one and the histories, as the training goes: at most once in half a minute,
/// because a file that outlives a loss of power costs more than an epoch of a small model. Until its turn the
/// best model waits in memory and in the checkpoints.
class RunFolder::Keeper final : public CallbackBody {
 public:
  /// `settings`: for settings.json, once the training has accepted them; "": it stands already.
  Keeper(std::string folder, Model model, std::string monitor, std::string settings)
      : folder_(std::move(folder)),
        model_(std::move(model)),
        monitor_(std::move(monitor)),
        settings_(std::move(settings)),
        // What is no metric of the model does not say which way it is better.
        improvement_(monitor_, monitor_ == "val_f1" ? "max" : "auto", 0) {}

  void on_train_begin(Training& training) override {
    improvement_.begin(training);
    trained_ = dynamic_cast<ModelFit&>(training).model();
    if (!model_.defined()) model_ = trained_;
    best_ = improvement_.worst();
    saved_ = false;
    waiting_.clear();
    history_ = {};
    last_ = seconds_now();
  }
  CallbackState state() const override {
    return {{{"best", best_}, {"saved", static_cast<double>(saved_)}}, waiting_};
  }
  void restore(const CallbackState& state) override {
    best_ = state.numbers.at("best");
    saved_ = state.numbers.at("saved") != 0;
    waiting_ = state.tensors;
    if (saved_ && waiting_.empty()) check_best();
  }
  void on_epoch_end(Training& training, int epoch, Logs& logs) override {
    const double* value = find_log(logs, monitor_);
    if (!value || improvement_.better(*value, best_)) {
      if (value) best_ = *value;
      waiting_ = values_of(state_of(trained_));
    }
    history_ = dynamic_cast<ModelFit&>(training).history();
    history_.epochs.push_back(epoch);
    history_.add(logs);
    if (seconds_now() - last_ >= kSecondsBetweenCheckpoints) save(true);
  }
  void on_settled(Training& training) override {
    // All callbacks have taken back what they had: this training is the one that was begun.
    if (!settings_.empty()) write_file_atomically(settings_file(folder_), settings_);
    settings_.clear();
    if (training.interrupted()) save(false);
  }
  void on_train_end(Training& training) override {
    if (!training.interrupted()) save_best();
  }
  /// What there is of a training that ended in an error.
  void leave() {
    if (!waiting_.empty()) save(false);
  }

 private:
  // A disk may be full today and not tomorrow: said once, tried again, and what is still missing in the end
  // is an error there.
  void save(bool last) {
    try {
      save_best();
      if (last) model_.save(folder_ + "/last.keras");
      if (!history_.epochs.empty()) write_histories(history_, folder_);
      failing_ = false;
    } catch (const Error& error) {
      if (!failing_) warn(fmt::format("{}; the training goes on, and tries again", error.what()));
      failing_ = true;
    }
    last_ = seconds_now();
  }
  void save_best() {
    if (waiting_.empty()) return;
    const std::vector<Parameter> parameters = state_of(trained_);
    const std::vector<Tensor> now = values_of(parameters);
    set(parameters, waiting_);
    try {
      model_.save(folder_ + "/model.keras");
    } catch (...) {
      set(parameters, now);
      throw;
    }
    set(parameters, now);
    waiting_.clear();
    saved_ = true;
  }
  void check_best() const {
    try {
      (void)Model::load(folder_ + "/model.keras");
    } catch (const Error& error) {
      throw Error(
          fmt::format("{}; it was the best model of the run to go on with: bring it back, or begin anew "
                      "in another folder",
                      error.what()));
    }
  }

  std::string folder_;
  Model model_, trained_;  // what is saved, and what learns: the same, or a part
  std::string monitor_, settings_;
  Improvement improvement_;
  double best_ = 0, last_ = 0;
  bool saved_ = false;           // the best model is in its file, or was before a better one
  std::vector<Tensor> waiting_;  // the best model, until it is saved
  History history_;
  bool failing_ = false;
};

std::string new_run_folder(const std::string& name) {
  const std::string plain = fmt::format("runs/{}-{:%Y%m%d-%H%M%S}", name, fmt::localtime(std::time(nullptr)));
  make_folders("runs");
  // Whoever makes a folder has it; others that begin in the same second take the next.
  std::string folder = plain;
  for (int again = 2; !std::filesystem::create_directory(folder); ++again)
    folder = fmt::format("{}-{}", plain, again);
  return folder;
}

RunFolder::RunFolder(const std::string& path, bool resume) : path_(path), resumed_(resume) {
  const bool begun = !path.empty() && file_exists(settings_file(path));
  if (resume && !begun)
    throw Error(
        fmt::format("--resume: expected --run with the folder of an earlier run, got \"{}\", which has "
                    "no settings.json; begin the run without --resume",
                    path));
  if (!resume && begun)
    throw Error(path + ": holds a run already; give --resume to go on with it, or another --run");
  if (!begun)
    for (const char* name : kRunFiles)
      if (file_exists(path + "/" + name))
        throw Error(
            fmt::format("{}: expected an empty folder, or none, found a {} that is of no run; choose "
                        "another --run",
                        path, name));
  make_folders(path);
  check_writable_folder(path);
  lock_ = std::make_unique<FolderLock>(path);
  remove_partial_files(path);
}

RunFolder::~RunFolder() {
  if (keeper_) keeper_->leave();
}

void RunFolder::write_settings(const Json& settings) {
  settings_ = json_text(settings, 2) + "\n";
  if (!resumed_) write_file_atomically(settings_file(path_), settings_);
}

bool RunFolder::has_ended(int epochs) const {
  if (!file_exists(path_ + "/report.json")) return false;
  const auto found = find_checkpoint(path_);
  if (!found || !(found->state.stopped || found->state.epoch >= epochs)) return false;
  tell(fmt::format("folio: the run in {} has ended after {} epochs; nothing is changed{}\n", path_,
                   found->state.epoch, found->state.stopped ? "" : "; give more --epochs to go on"));
  return true;
}

void refuse_to_go_on(const std::string& folder, std::string setting, const Json& begun, const Json& asked) {
  std::replace(setting.begin(), setting.end(), '_', ' ');
  throw Error(
      fmt::format("{}: going on with a run: expected the {} that it was begun with, {}, got {}; leave it "
                  "out, or begin anew in another folder",
                  folder, setting, json_text(begun), json_text(asked)));
}

Json RunFolder::read_settings(const std::string& path) {
  const std::string file = settings_file(path);
  if (path.empty() || !file_exists(file))
    throw Error(fmt::format("{}: expected the folder of a run, found no settings.json in it",
                            path.empty() ? "\"\"" : path));
  Json json = Json::parse(read_text_file(file), nullptr, false);
  if (!json.is_object()) throw Error(file + ": expected the settings of a run, got something else");
  return json;
}

std::vector<Callback> RunFolder::callbacks(const std::string& monitor, int64_t checkpoint_steps,
                                           const Model& saved) {
  BackupAndRestoreOptions options;
  options.save_freq = checkpoint_steps;
  options.seconds = kSecondsBetweenCheckpoints;
  options.delete_checkpoint = false;  // for going on with more epochs
  keeper_ = std::make_shared<Keeper>(path_, saved, monitor, resumed_ ? settings_ : "");
  return {Callback(keeper_), BackupAndRestore(path_, options)};
}

void RunFolder::finish(const Model& model, const History& history) const {
  model.save(last_model());
  write_histories(history, path_);
}

}  // namespace folio
