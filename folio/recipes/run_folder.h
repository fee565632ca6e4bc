// The folder of a run: what a training leaves behind, and what `--resume` goes on from.
#pragma once
#include <string>
#include <vector>

#include "folio/base/file.h"
#include "folio/base/json.h"
#include "folio/models/model.h"

namespace folio {

/// Holds model.keras (the best), last.keras, history.json, history.csv, settings.json and two checkpoints. It
/// belongs to this process as long as the object lives.
class RunFolder {
 public:
  /// Makes a folder for a new run; with `resume`, opens that of an earlier one. Throws `Error` when there is
  /// a run already or none, or when another process works in it.
  RunFolder(const std::string& path, bool resume);

  const std::string& path() const { return path_; }
  /// All that is needed to repeat the run; written before the training begins.
  void write_settings(const Json& settings) const;
  /// Those of an earlier run.
  static Json read_settings(const std::string& path);
  /// Saves the run after every epoch and every `seconds`, or every `checkpoint_steps` if that is not 0, and
  /// goes on from its last checkpoint if it has one. `monitor`: the value by which a model is the best. To be
  /// added after all other callbacks.
  std::vector<Callback> callbacks(const std::string& monitor, int64_t checkpoint_steps = 0) const;
  /// The end of a training that was not interrupted: last.keras and the histories.
  void finish(const Model& model, const History& history) const;

  std::string best_model() const { return path_ + "/model.keras"; }
  std::string last_model() const { return path_ + "/last.keras"; }

 private:
  std::string path_;
  std::unique_ptr<FolderLock> lock_;
};

/// runs/<name>-<time>, and a number behind it if that is taken.
std::string new_run_folder(const std::string& name);

}  // namespace folio
