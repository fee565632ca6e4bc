// Training a recipe into a run folder.
#pragma once
#include <string>

#include "folio/recipes/recipe.h"

namespace folio {

struct RunRequest {
  std::string recipe;
  std::string data;  ///< name of a data set, or a folder that holds it; "" takes the recipe's default
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
  bool profile = false;
};

struct RunResult {
  std::string folder;
  Logs test;  ///< of the best model by validation
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

/// The splits of a data set as `Data`: pictures from 0 to 1; targets as vectors when `categorical`.
Data picture_data(const std::string& name, const std::string& split, const std::string& folder,
                  bool categorical);

/// Step times of a training plan against the machine's measured peak, as a table.
std::string profile_training(const Model& model, int64_t batch_size);

}  // namespace folio
