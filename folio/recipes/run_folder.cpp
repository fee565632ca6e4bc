#include "folio/recipes/run_folder.h"

#include <fmt/chrono.h>
#include <fmt/format.h>

#include <ctime>
#include <nlohmann/json.hpp>

#include "folio/base/error.h"
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

/// After each epoch: last.keras, the histories, and the best model so far.
class RunFolderBody final : public CallbackBody {
 public:
  RunFolderBody(std::string folder, std::string monitor)
      : folder_(std::move(folder)), monitor_(std::move(monitor)), improvement_(monitor_, "auto", 0) {}
  void on_train_begin(Training&) override { best_ = improvement_.worst(); }
  CallbackState state() const override { return {{{"best", best_}}, {}}; }
  void restore(const CallbackState& state) override { best_ = state.numbers.at("best"); }
  void on_epoch_end(Training& training, int epoch, Logs& logs) override {
    const auto& fit = dynamic_cast<ModelFit&>(training);
    const double* value = find_log(logs, monitor_);
    if (!value || improvement_.better(*value, best_)) {
      if (value) best_ = *value;
      fit.model().save(folder_ + "/model.keras");
    }
    fit.model().save(folder_ + "/last.keras");
    History history = fit.history();
    history.epochs.push_back(epoch);
    history.add(logs);
    write_histories(history, folder_);
  }

 private:
  std::string folder_, monitor_;
  Improvement improvement_;
  double best_ = 0;
};

}  // namespace

std::string new_run_folder(const std::string& name) {
  const std::time_t now = std::time(nullptr);
  std::string folder = fmt::format("runs/{}-{:%Y%m%d-%H%M%S}", name, fmt::localtime(now));
  for (int again = 2; file_exists(folder) || folder_exists(folder); ++again)
    folder = fmt::format("runs/{}-{:%Y%m%d-%H%M%S}-{}", name, fmt::localtime(now), again);
  return folder;
}

RunFolder::RunFolder(const std::string& path, bool resume) : path_(path) {
  const bool begun = !path.empty() && file_exists(settings_file(path));
  if (resume && !begun)
    throw Error(
        fmt::format("--resume: expected --run with the folder of an earlier run, got \"{}\", which has "
                    "no settings.json; begin the run without --resume",
                    path));
  if (!resume && begun)
    throw Error(path + ": holds a run already; give --resume to go on with it, or another --run");
  make_folders(path);
  check_writable_folder(path);
  lock_ = std::make_unique<FolderLock>(path);
  remove_partial_files(path);
}

void RunFolder::write_settings(const Json& settings) const {
  write_file_atomically(settings_file(path_), settings.dump(2) + "\n");
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

std::vector<Callback> RunFolder::callbacks(const std::string& monitor, int64_t checkpoint_steps) const {
  BackupAndRestoreOptions options;
  options.save_freq = checkpoint_steps;
  options.seconds = kSecondsBetweenCheckpoints;
  options.delete_checkpoint = false;  // for going on with more epochs
  return {Callback(std::make_shared<RunFolderBody>(path_, monitor)), BackupAndRestore(path_, options)};
}

void RunFolder::finish(const Model& model, const History& history) const {
  model.save(last_model());
  write_histories(history, path_);
}

}  // namespace folio
