// Training a recipe into a run folder.
#pragma once
#include <optional>
#include <string>

#include "folio/recipes/recipe.h"

namespace folio {

struct RunRequest {
  std::string recipe;
  /// Name of a data set, a folder that holds it, or a file; "" takes the recipe's default.
  std::string data;
  std::string target;  ///< the column of a table that is to be predicted; "": the last
  std::map<std::string, std::string> settings;
  RunSettings training;  ///< what is not set: the recipe's own
  std::string folder;    ///< "" makes runs/<recipe>-<time>
  bool resume = false;
  bool quiet = false;
  std::optional<bool> doctor = {};  ///< true: watches the training and says what is wrong
  bool profile = false;
};

struct RunResult {
  std::string folder;
  Logs test;  ///< of the best model by validation
  Logs validation = {};
  std::vector<Baseline> baselines = {};
  History history;
  int64_t parameters = 0;
  double seconds = 0;  ///< training alone
  bool interrupted = false;
  std::string profile;  ///< text, when asked for
};

/// Trains and leaves in the folder: model.keras (best), last.keras, history.json, history.csv, settings.json
/// and checkpoints. With `resume`, goes on from the last checkpoint: the same bits as without the
/// interruption. What is asked for then must be what the run was begun with, but for more epochs and another
/// pace; of a run that has ended the results are given again, and nothing changes.
RunResult run_recipe(const RunRequest& request);

/// Step times of a training plan against the machine's measured peak, as a table.
std::string profile_training(const Model& model, int64_t batch_size);

}  // namespace folio
