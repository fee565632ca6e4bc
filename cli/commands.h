// The commands of `folio`, one file each.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "folio/data/csv.h"
#include "folio/models/model.h"
#include "folio/recipes/recipe.h"
#include "folio/recipes/run_settings.h"

namespace folio::cli {

/// What the options mean, everywhere the same. Zero or empty: not given.
struct Options {
  std::string subject;  ///< recipe or model file
  std::string html;     ///< folder of the site
  std::string data, target, validation_data, input, output, run, history;
  RunSettings training;
  int64_t validation_steps = 0;
  double validation_split = 0;
  std::optional<double> threshold;
  std::string loss;
  std::vector<std::string> metrics, settings;
  std::vector<std::string> runs;    ///< folders
  std::vector<std::string> inputs;  ///< files and folders, `input` when it is one
  std::vector<std::string> texts;   ///< given at the terminal
  std::vector<std::string> words;   ///< of an embedding, with + and - between them
  int64_t count = 10;               ///< of what is shown
  std::string prompt;
  int64_t length = 400, top_k = 0, copies = 1, beam = 4;
  double temperature = 1, top_p = 1;
  std::optional<bool> doctor;
  int threads = 0;
  bool resume = false, json = false, quiet = false, overwrite = false, profile = false;
};

/// Each returns the exit status; mistakes are thrown as `Error`.
int train(const Options& options);
int fit(const Options& options);
int evaluate(const Options& options);
int predict(const Options& options);
int summary(const Options& options);
int new_model(const Options& options);
int convert(const Options& options);
int generate(const Options& options);
int augment(const Options& options);
int neighbours(const Options& options);
int translate(const Options& options);
int report(const Options& options);
int compare(const Options& options);
int recipes(const Options& options);
int datasets(const Options& options);
int sheet(const Options& options);
int version(const Options& options);
/// What `folio train RECIPE --help` says of the recipe's own settings.
std::string recipe_help(const std::string& name);
/// What `folio augment --help` says of the changes.
std::string augmentation_help();

/// Arrays of an .npz (or .npy for a single input), or a known data set, matched with the model's inputs and
/// outputs. Those of a folder or pattern of such files, or of a file that might not fit into memory, are read
/// while they are used.
Data read_data(const Model& model, const Options& options, const std::string& path, bool targets,
               const std::string& split, const std::string& training = "");
/// The rows of a table: by the model's own preparation if it was trained with one; otherwise all columns of
/// numbers in their order but the target, which is the last column unless --target says another. Words as
/// targets are the model's classes; a model that has no names for them yet takes them from the table
/// `training`, or from this one when that is "".
Data read_table(const Model& model, const Options& options, const std::string& path, bool targets,
                const std::string& training = "");
Data table_data(const Model& model, const CsvTable& table, const Options& options, bool targets,
                const std::string& training = "");
/// How files of such rows are to be read.
CsvOptions table_reading(const Model& model);
/// Whether the model was trained on raw texts.
bool takes_texts(const Model& model);
/// Labelled texts as the recipe `text` takes them; of a known set or a folder that is divided those of the
/// test.
Data read_texts(const Model& model, const Options& options, const std::string& path);
/// Whether the model was trained on pairs of texts.
bool takes_pairs(const Model& model);
/// Pairs as the recipe `translate` takes them; of a folder that is divided those of the test.
TextPairs read_pairs(const Model& model, const Options& options, const std::string& path);
/// How near what the model says of them comes to what was wanted.
Logs pair_scores(const Model& model, const Options& options);
/// What --set gave: KEY=VALUE each.
std::map<std::string, std::string> given_settings(const Options& options);
/// The recipe's settings with these.
Settings recipe_settings(const Recipe& recipe, const Options& options);
/// The model file that MODEL means: itself, or the best model of a run's folder.
std::string model_file(const std::string& subject);
/// What the outputs are called in an .npz: the keys of a model that gives a dictionary, otherwise the layers
/// that make them; further outputs of one layer with a number.
std::vector<std::string> output_array_names(const Model& model);
/// A file that a command writes.
struct Output {
  enum class Kind { model, history, predictions, texts, drawing, page, vectors };
  const char* option;
  std::string path;  ///< "": not asked for
  Kind kind;
};
/// Throws `Error` when an output is one of the `inputs` (files, folders, patterns; "": none) or another
/// output, when its folder cannot be written to, or unless `overwrite` when a file is there that is not of
/// the output's kind: nothing is replaced but what such a command has written.
void check_outputs(const std::vector<Output>& outputs, const std::vector<std::string>& inputs,
                   bool overwrite);
/// What a run folder may hold; none for "".
std::vector<std::string> files_of_run(const std::string& folder);
/// Sets threads and seed for what follows.
void apply_common(const Options& options);
/// {"loss": …, "accuracy": …} on one line.
std::string logs_json(const Logs& logs);
std::string logs_text(const Logs& logs);
/// Loads a model file, with --weights put on top.
Model load_model(const Options& options);
/// Installs a handler that lets Ctrl-C end the running step; a second one ends the program.
void catch_interrupts();

}  // namespace folio::cli
