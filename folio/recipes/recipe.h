// Recipes: data, a model and training settings under one name, each trained to a known result.
#pragma once
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "folio/base/range.h"
#include "folio/data/text/pairs.h"
#include "folio/models/model.h"
#include "folio/models/model_body.h"
#include "folio/recipes/run_settings.h"
#include "folio/report/run_record.h"

namespace folio {

/// A recipe's own setting, as `--set KEY=VALUE` takes it.
struct Setting {
  std::string key, value, what;  ///< value: the default
  Range range = {};              ///< of a number
};

/// The settings of one run; reads are checked, errors name the key.
class Settings {
 public:
  explicit Settings(const std::vector<Setting>& known) {
    for (const Setting& setting : known)
      values_[setting.key] = setting.value, ranges_[setting.key] = setting.range;
  }
  /// Throws `Error` listing the known keys.
  void set(const std::string& key, const std::string& value);
  const std::string& text(const std::string& key) const { return values_.at(key); }
  double number(const std::string& key) const;
  /// Whole numbers between commas.
  std::vector<int64_t> integers(const std::string& key) const;
  /// Entries between commas.
  std::vector<std::string> list(const std::string& key) const;
  /// One of `choices`, else `Error`.
  const std::string& choice(const std::string& key, const std::vector<std::string>& choices) const;
  const std::map<std::string, std::string>& all() const { return values_; }

 private:
  double parse(const std::string& key, const std::string& text) const;

  std::map<std::string, std::string> values_;
  std::map<std::string, Range> ranges_;
};

struct SeriesPreparation;
struct CaptionSet;

/// What a model is to do: it follows from the data.
struct RecipeTask {
  Shape input;                ///< of one sample
  int64_t classes = 0;        ///< 0: a number is predicted
  bool vectors = false;       ///< targets are vectors of class shares, as in the sheet's own programs
  bool reconstructs = false;  ///< targets are pictures
  Layer scaling = {};         ///< brings raw data to a common range, before the network; may be undefined
  double target_mean = 0, target_deviation = 1;               ///< of predicted numbers
  std::shared_ptr<const SeriesPreparation> series = nullptr;  ///< of forecasts
  int64_t vocabulary = 0;                                     ///< of texts: how many token numbers there are
  Tensor token_weights = {};  ///< of texts: how each token speaks for each class, (vocabulary, classes or 1)
  Tensor word_vectors = {};   ///< of texts: what an Embedding of the tokens begins with, (vocabulary, width)
  int64_t letters = 0, word_length = 0;  ///< of words by their letters: numbers there are, letters of a word
  int64_t target_steps = 0;              ///< of pairs: tokens of what is said, of which there are `classes`
  bool shared_vocabulary = false;        ///< of pairs: a token means the same on both sides
};

/// What a recipe trains on.
struct RecipeData {
  Data train, validation, test;
  std::vector<std::string> class_names;  ///< by class number; empty when a number is predicted
  RecipeTask task;
  std::string name, folder;  ///< as settings.json keeps them: a data set and where it was found, or a file
  std::string description;   ///< in words, for people; may be empty
  /// What the rows were made of: texts, or names of files.
  std::vector<std::string> train_texts, test_texts;
  std::vector<std::string> groups;  ///< whose the rows for training are, where that is to be told
  TextPairs test_pairs = {};        ///< what the rows for testing were made of, of pairs
  std::shared_ptr<const CaptionSet> captions = nullptr;  ///< of pictures with captions: what the rows name
  /// Of a table: its input columns with their numbers of features.
  std::vector<std::pair<std::string, int64_t>> columns;
  std::vector<int64_t> test_rows;  ///< their numbers in the file, from 0; empty: their own order
  Assets assets;                   ///< that travel in the model file: how raw data became these rows
  std::vector<std::pair<std::string, std::string>> files;  ///< that belong into the run folder: name, text
};

/// What something simpler than the recipe's model reaches on the test rows.
struct Baseline {
  std::string name;
  Logs test;
};

/// What a run tells of its best model beside loss and metrics.
struct Shown {
  Logs test = {};  ///< on the test rows
  std::vector<ExampleRecord> examples = {};
  std::vector<PictureRecord> pictures = {};
};

struct RunRequest;
struct RunResult;

struct Recipe {
  std::string name, what;
  std::string rows;               ///< of the sheet
  std::vector<std::string> data;  ///< names of data sets it knows, the first is the default; none: files
  RecipeTask task;                ///< of its published form, for `summary`; recipes adapt to the data given
  RunSettings training;           ///< its own values of them; epochs, batch size and learning rate are set
  std::string schedule;  ///< of the learning rate: "constant", "cosine" over the epochs, or "warm-up"
  std::string monitor;   ///< by which a model is the best
  std::vector<Setting> settings;
  RecipeData (*load)(const Recipe& recipe, const RunRequest& request, const Settings& settings);
  /// A model for this task, not compiled.
  Model (*build)(const RecipeTask& task, const Settings& settings);
  /// The part of a model that is trained, on what `load` gives, and shares its weights; the rest is frozen
  /// and has been applied already. Null where that is all of it.
  Model (*learner)(const Model& model, const RecipeData& data) = nullptr;
  /// Null for what `compile_for` does.
  void (*compile)(const Model& model, const Optimizer& optimizer, const Settings& settings) = nullptr;
  /// What is done to the new model before the training proper, and what was reached on the way, on the test
  /// rows; null where nothing is.
  std::vector<Baseline> (*begin)(const Model& model, const RecipeData& data, const Settings& settings,
                                 const FitOptions& options) = nullptr;
  /// What is to be known of a part beside the loss and the metrics; null where that is all.
  Logs (*judge)(const Model& model, const RecipeData& data, const Data& part) = nullptr;
  /// Null for recipes whose results are known.
  std::vector<Baseline> (*baselines)(const Recipe& recipe, const RecipeData& data, const Settings& settings,
                                     const FitOptions& options) = nullptr;
  /// Of a recipe that does not learn by `fit`: trains into the request's folder, all itself. `load` and
  /// `build` are then for `summary` and `new` alone.
  RunResult (*train)(const Recipe& recipe, const RunRequest& request, const Settings& settings) = nullptr;
  /// What the best model is to show beside its loss and metrics; it may leave more in the run's folder. Null
  /// where there is no more.
  Shown (*show)(const Model& best, const RecipeData& data, const Settings& settings,
                const std::string& folder) = nullptr;
};

/// Loss and metrics for what the model is to do, with the optimizer.
void compile_for(const Model& model, const RecipeTask& task, const Optimizer& optimizer);

/// All recipes: what the command, help and tests walk.
const std::vector<Recipe>& recipes();
/// Throws `Error` with the nearest name.
const Recipe& recipe(const std::string& name);

}  // namespace folio
