// Training a recipe into a run folder.
#pragma once
#include <string>

#include "folio/recipes/recipe.h"

namespace folio {

struct RunRequest {
  std::string recipe;
  /// Name of a data set, a folder that holds it, or a file; "" takes the recipe's default.
  std::string data;
  std::string target;  ///< the column of a table that is to be predicted; "": the last
  std::map<std::string, std::string> settings;
  // Zero or empty: the recipe's own.
  int epochs = 0;
  int64_t batch_size = 0;
  int64_t steps_per_epoch = 0;
  double learning_rate = 0;
  std::string optimizer;
  bool shuffle = true;
  std::map<int, double> class_weight = {};
  int early_stopping = 0;        ///< epochs without improvement of val_loss; the best weights come back
  int64_t checkpoint_steps = 0;  ///< 0: after every epoch and every half minute
  uint64_t seed = 1;
  std::string folder;   ///< "" makes runs/<recipe>-<time>
  std::string weights;  ///< start from these
  bool resume = false;
  bool quiet = false;
  bool doctor = true;  ///< watches the training and says what is wrong
  bool profile = false;
};

struct RunResult {
  std::string folder;
  Logs test;  ///< of the best model by validation
  std::vector<Baseline> baselines = {};
  History history;
  int64_t parameters = 0;
  double seconds = 0;  ///< training alone
  bool interrupted = false;
  std::string profile;  ///< text, when asked for
};

/// Trains and leaves in the folder: model.keras (best), last.keras, history.json, history.csv, settings.json
/// and checkpoints. With `resume`, goes on from the last checkpoint: the same bits as without the
/// interruption.
RunResult run_recipe(const RunRequest& request);

/// Step times of a training plan against the machine's measured peak, as a table.
std::string profile_training(const Model& model, int64_t batch_size);

}  // namespace folio
