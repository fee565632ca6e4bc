// The folder of a run: what a training leaves behind, and what `--resume` goes on from.
#pragma once
#include <memory>
#include <string>
#include <vector>

#include "folio/base/file.h"
#include "folio/base/json.h"
#include "folio/models/model.h"

namespace folio {

/// What a run folder may hold.
inline constexpr const char* kRunFiles[] = {
    "settings.json", "model.keras",   "last.keras",   "history.json",       "history.csv",
    "report.json",   "report.html",   "rows.json",    "checkpoint-1.keras", "checkpoint-2.keras",
    "encoder.keras", "decoder.keras", "pictures.png", "pictures.json"};

/// Holds model.keras (the best), last.keras, history.json, history.csv, settings.json and two checkpoints. It
/// belongs to this process as long as the object lives.
class RunFolder {
 public:
  /// Makes a folder for a new run; with `resume`, opens that of an earlier one. Throws `Error` when there is
  /// a run already or none, or when another process works in it.
  RunFolder(const std::string& path, bool resume);
  /// Saves the best model of a training that ended in an error.
  ~RunFolder();

  const std::string& path() const { return path_; }
  /// All that is needed to repeat the run. Written at once, or for a run that goes on, when the training has
  /// accepted them; to be called before `callbacks`.
  void write_settings(const Json& settings);
  /// Whether the run has ended, with its report, after so many epochs or before; says so.
  bool has_ended(int epochs) const;
  /// Those of an earlier run.
  static Json read_settings(const std::string& path);
  /// Saves the run every half minute and in the end, its checkpoints also every `checkpoint_steps` if that is
  /// not 0, and goes on from its last checkpoint if it has one. `monitor`: the value by which a model is the
  /// best; `saved`: the model of which a part is trained, where it is more than that. To be added after all
  /// other callbacks. What cannot be written, as on a full disk, is tried again; in the end it is an `Error`.
  std::vector<Callback> callbacks(const std::string& monitor, int64_t checkpoint_steps = 0,
                                  const Model& saved = {});
  /// The end of a training that was not interrupted: last.keras and the histories.
  void finish(const Model& model, const History& history) const;

  std::string best_model() const { return path_ + "/model.keras"; }
  std::string last_model() const { return path_ + "/last.keras"; }

 private:
  class Keeper;
  std::string path_, settings_;
  bool resumed_;
  std::shared_ptr<Keeper> keeper_;
  std::unique_ptr<FolderLock> lock_;
};

/// Throws `Error`: a run goes on with what it was begun with.
[[noreturn]] void refuse_to_go_on(const std::string& folder, std::string setting, const Json& begun,
                                  const Json& asked);

/// Makes the folder runs/<name>-<time>, with a number behind it if that is taken.
std::string new_run_folder(const std::string& name);

}  // namespace folio
