#include "folio/recipes/recipe.h"

#include <fmt/format.h>

#include <algorithm>

#include "folio/base/error.h"
#include "folio/base/spelling.h"
#include "folio/recipes/activity.h"
#include "folio/recipes/architectures.h"
#include "folio/recipes/autoencoder.h"
#include "folio/recipes/caption.h"
#include "folio/recipes/embeddings.h"
#include "folio/recipes/entities.h"
#include "folio/recipes/forecast.h"
#include "folio/recipes/generation.h"
#include "folio/recipes/language.h"
#include "folio/recipes/networks.h"
#include "folio/recipes/pair_data.h"
#include "folio/recipes/pictures.h"
#include "folio/recipes/sound.h"
#include "folio/recipes/table.h"
#include "folio/recipes/text.h"
#include "folio/recipes/transfer.h"
#include "folio/recipes/translation.h"
#include "folio/training/metrics.h"

namespace folio {
namespace {

constexpr Range kUnits = {1, 1'000'000, true};

// What all recipes from sequence to sequence can be told, with a recipe's own values in front.
std::vector<Setting> pair_settings(std::vector<Setting> own) {
  const std::vector<Setting> common = {
      {"network", "transformer", "transformer, or recurrent: GRUs with attention"},
      {"blocks", "2", "of the encoder, and of the decoder, of a transformer", kUnits},
      {"heads", "4", "of attention of a transformer", kUnits},
      {"width", "64", "features of every step, a multiple of heads; units of a recurrent network", kUnits},
      {"dropout", "0", "in each block, or before and behind the recurrent layers", kShares},
      {"smoothing", "0", "label smoothing: what the right token does not get of the target", kShares},
      {"unit", "character", "subword, word or character: what a token is"},
      {"vocabulary", "0", "most tokens; 0: all", {0, 1e7, true}},
      {"least", "1", "times that a token comes in training", {1, 1e9, true}},
      {"shared", "no", "yes or no: one vocabulary for both sides"},
      {"lower", "no", "yes or no: lower case"},
      {"length", "0", "tokens of a text at most; 0: those of the longest", {0, 1e5, true}},
      {"source", "", "the column of a table with what goes in; of a folder, the ending of its files"},
      {"language", "", "the same for what is to come out; --target COLUMN does it too"},
      {"targets", "", "a file whose lines belong to those of --data"},
      {"warm_up",
       "400",
       "steps in which the learning rate rises; then it falls with the root of the step",
       {1, 1e9, true}},
      {"cool_down", "0.3", "share of the steps, the last ones, in which it falls to 0", kShares},
      {"beam", "1", "texts that are followed to find the likeliest", {1, 1000, true}},
      {"validation", "0.05", "share of pairs that are not divided by which the best model is chosen",
       kShares},
      {"test", "0.05", "share kept for the final test", kShares}};
  for (const Setting& setting : common)
    if (std::none_of(own.begin(), own.end(), [&](const Setting& s) { return s.key == setting.key; }))
      own.push_back(setting);
  return own;
}

// A setting that is like that of all such recipes but for its value.
Setting valued(const std::string& key, const std::string& value) {
  for (Setting setting : pair_settings({}))
    if (setting.key == key) {
      setting.value = value;
      return setting;
    }
  throw InternalError("no setting " + key);
}

Recipe pair_recipe(std::string name, std::string what, std::vector<Setting> own) {
  Recipe recipe{.name = std::move(name),
                .what = std::move(what),
                .rows = "G14 G15 G16",
                .data = {},
                .task = {.input = {30}, .classes = 40, .vocabulary = 60, .target_steps = 30},
                .training = {.epochs = 8, .batch_size = 64, .learning_rate = 0.002},
                .schedule = "warm-up",
                .monitor = "val_loss",
                .settings = pair_settings(std::move(own)),
                .load = pair_rows,
                .build = translation_network,
                .compile = compile_translation,
                .baselines = translation_baselines,
                .show = show_translation};
  return recipe;
}

Recipe translate_recipe() {
  Recipe recipe = pair_recipe(
      "translate", "pairs of texts: folio train translate --data FILE of lines source<TAB>target",
      {valued("blocks", "3"), valued("width", "192"), valued("dropout", "0.1"), valued("smoothing", "0.1"),
       valued("unit", "subword"), valued("vocabulary", "6000"), valued("least", "2"), valued("shared", "yes"),
       valued("length", "40"), valued("source", "en"), valued("language", "de"), valued("warm_up", "1000"),
       valued("beam", "4")});
  recipe.rows = "G8 G14 G15 G16";
  recipe.data = {"multi30k"};
  recipe.task = {
      .input = {40}, .classes = 6000, .vocabulary = 6000, .target_steps = 40, .shared_vocabulary = true};
  recipe.training = {.epochs = 12, .batch_size = 64, .learning_rate = 0.0015};
  return recipe;
}

std::vector<Recipe> joined(std::vector<Recipe> recipes, const std::vector<Recipe>& more) {
  recipes.insert(recipes.end(), more.begin(), more.end());
  for (Recipe& recipe : recipes) {
    if (recipe.load != pictures) continue;
    recipe.baselines = picture_baselines;
    const size_t own = recipe.settings.size();  // which win
    for (const Setting& setting : picture_settings())
      if (std::none_of(recipe.settings.begin(), recipe.settings.begin() + static_cast<int64_t>(own),
                       [&](const Setting& one) { return one.key == setting.key; }))
        recipe.settings.push_back(setting);
  }
  return recipes;
}

}  // namespace

void Settings::set(const std::string& key, const std::string& value) {
  const auto found = values_.find(key);
  if (found == values_.end()) {
    std::string names;
    for (const auto& entry : values_) names += (names.empty() ? "" : ", ") + entry.first;
    throw UsageError("--set " + key + ": expected one of this recipe's settings (" +
                     (names.empty() ? "it has none" : names) + "), got \"" + key + "\"");
  }
  found->second = value;
}

double Settings::parse(const std::string& key, const std::string& text) const try {
  return ranges_.at(key).parse(text, "--set " + key);
} catch (const Error& error) {
  throw UsageError(error.what());
}

double Settings::number(const std::string& key) const { return parse(key, text(key)); }

std::vector<int64_t> Settings::integers(const std::string& key) const {
  std::vector<int64_t> numbers;
  for (const std::string& entry : list(key)) numbers.push_back(static_cast<int64_t>(parse(key, entry)));
  return numbers;
}

std::vector<std::string> Settings::list(const std::string& key) const {
  const std::string& value = text(key);
  std::vector<std::string> entries;
  for (size_t first = 0; first < value.size();) {
    const size_t comma = std::min(value.find(',', first), value.size());
    entries.push_back(value.substr(first, comma - first));
    first = comma + 1;
  }
  return entries;
}

const std::string& Settings::choice(const std::string& key, const std::vector<std::string>& choices) const {
  const std::string& value = text(key);
  if (std::find(choices.begin(), choices.end(), value) != choices.end()) return value;
  std::string names;
  for (const std::string& name : choices) names += (names.empty() ? "" : ", ") + name;
  throw Error("--set " + key + ": expected one of " + names + ", got \"" + value + "\"");
}

const std::vector<Recipe>& recipes() {
  static const std::vector<Recipe> all = joined(
      network_recipes(),
      {
          {.name = "mlp",
           .what = "a network of fully connected layers",
           .rows = "C1 C5 C7",
           .data = {"fashion-mnist", "mnist"},
           .task = {{28, 28, 1}, 10},
           .training = {.epochs = 12, .batch_size = 128, .learning_rate = 0.001},
           .schedule = "cosine",
           .monitor = "val_accuracy",
           .settings = {{"hidden", "256,128", "units of the hidden layers", kUnits},
                        {"activation", "relu", "of the hidden layers"},
                        {"dropout", "0.2", "after each hidden layer", kShares},
                        with_changes("none")},
           .load = pictures,
           .build = mlp},
          {.name = "two-branch",
           .what = "the sheet's functional Keras model with two branches, layer for layer",
           .rows = "D6 F11",
           .data = {"cifar10"},
           .task = {{32, 32, 3}, 10, true},
           .training = {.epochs = 15, .batch_size = 128, .steps_per_epoch = 100, .learning_rate = 0.001},
           .schedule = "constant",
           .monitor = "val_accuracy",
           .settings = {with_changes("sheet")},
           .load = pictures,
           .build = two_branch},
          {.name = "autoencoder",
           .what = "pictures made small and whole again: folio train autoencoder --data FOLDER",
           .rows = "E1-E4",
           .data = {"fashion-mnist", "mnist", "cifar10"},
           .task = {.input = {28, 28, 1}, .reconstructs = true},
           .training = {.epochs = 20, .batch_size = 128, .learning_rate = 0.002},
           .schedule = "cosine",
           .monitor = "val_loss",
           .settings = autoencoder_settings(),
           .load = autoencoder_data,
           .build = autoencoder_network,
           .judge = autoencoder_scores,
           .baselines = autoencoder_baselines,
           .show = show_autoencoder},
          {.name = "transfer",
           .what = "a network that knows pictures, taught yours: folio train transfer --data FOLDER --set "
                   "base=FILE.keras",
           .rows = "F10",
           .data = {"cifar10", "fashion-mnist", "mnist"},
           .task = {{224, 224, 3}, 2},
           .training = {.epochs = 5, .batch_size = 16, .learning_rate = 0.00003},
           .schedule = "cosine",
           .monitor = "val_loss",
           .settings = transfer_settings(),
           .load = transfer_data,
           .build = transfer_network,
           .begin = begin_transfer,
           .baselines = transfer_baselines},
          {.name = "caption",
           .what = "what pictures show, in words: folio train caption --data FOLDER --set base=FILE.keras",
           .rows = "G5",
           .data = {"flickr8k_small"},
           .task = {.input = {224, 224, 3}, .classes = 1000, .target_steps = 30},
           .training = {.epochs = 20, .batch_size = 32, .learning_rate = 0.003, .early_stopping = 3},
           .schedule = "constant",
           .monitor = "val_loss",
           .settings = caption_settings(),
           .load = caption_rows,
           .build = caption_network,
           .learner = caption_learner,
           .compile = compile_translation,
           .baselines = caption_baselines,
           .show = show_captions},
          {.name = "generate",
           .what = "goes on with any text, character by character: folio train generate --data FILE.txt",
           .rows = "G13",
           .data = {"tinyshakespeare"},
           .task = {.input = {100}, .classes = 65},
           .training = {.epochs = 10, .batch_size = 64, .learning_rate = 0.003},
           .schedule = "cosine",
           .monitor = "val_loss",
           .settings = {{"network", "lstm", "lstm or gru"},
                        {"layers", "2", "recurrent layers on top of each other", {1, 16, true}},
                        {"units", "256", "of each", kUnits},
                        {"embedding", "64", "numbers that stand for a character", kUnits},
                        {"dropout", "0.2", "behind each layer", kShares},
                        {"steps", "100", "characters of a window", kUnits},
                        {"validation", "0.05", "share of the text behind what is trained on", kShares},
                        {"test", "0.1", "share of the text at its end", kShares}},
           .load = generation_windows,
           .build = generation_network,
           .baselines = generation_baselines},
          {.name = "language-model",
           .what = "a decoder-only Transformer on any text: folio train language-model --data FILE.txt",
           .rows = "G16",
           .data = {"tinyshakespeare"},
           .task = {{128}, 65},
           .training = {.epochs = 10, .batch_size = 32, .learning_rate = 0.001},
           .schedule = "cosine",
           .monitor = "val_loss",
           .settings = {{"steps", "128", "characters that the model sees at once", kUnits},
                        {"blocks", "4", "of attention and two fully connected layers", kUnits},
                        {"heads", "4", "of attention", kUnits},
                        {"width", "128", "features of every step, a multiple of heads", kUnits},
                        {"dropout", "0.1", "in each block", kShares},
                        {"validation", "0.05", "share of the text behind what is trained on", kShares},
                        {"test", "0.05", "share of the text at its end", kShares}},
           .load = generation_windows,
           .build = language_network,
           .baselines = generation_baselines},
          {.name = "table",
           .what = "a table of numbers and categories: folio train table --data FILE.csv --target COLUMN",
           .rows = "B1 B2 A1-A4",
           .data = {},
           .task = {{8}, 3},
           .training = {.epochs = 300, .batch_size = 32, .learning_rate = 0.001, .early_stopping = 25},
           .schedule = "constant",
           .monitor = "val_loss",
           .settings =
               {{"hidden", "64,32", "units of the hidden layers; \"\" makes a linear model", kUnits},
                {"activation", "relu", "of the hidden layers"},
                {"dropout", "0.1", "after each hidden layer", kShares},
                {"task", "auto", "regression, classification, or auto for what the target looks like"},
                {"scaling", "standard", "of numbers: standard, robust, minmax or none"},
                {"leave_out", "", "columns that are no inputs: A,B"},
                {"categorical", "", "columns of categories, although they hold numbers or dates: A,B"},
                {"numeric", "", "columns of numbers, in which anything else is missing: A,B"},
                {"missing", "", "words that stand for no value, beside ? - NA N/A nan null None: A,B"},
                {"validation", "0.16", "share of the rows that early stopping watches", kShares},
                {"test", "0.2", "share of the rows kept for the final test", kShares},
                {"group", "", "a column such as person: its rows never stand in two parts"}},
           .load = table_rows,
           .build = table_network,
           .baselines = table_baselines},
          {.name = "activity",
           .what = "windows of measurements: folio train activity --data FILE.npz",
           .rows = "G4",
           .data = {"har"},
           .task = {{128, 9}, 6},
           .training = {.epochs = 40, .batch_size = 64, .learning_rate = 0.001, .early_stopping = 10},
           .schedule = "constant",
           .monitor = "val_loss",
           .settings = {{"network", "conv",
                         "conv, lstm, gru, bidirectional, or simple_rnn: the sheet's printed network"},
                        {"units", "64",
                         "filters of the first convolution, or units of the first recurrent layer", kUnits},
                        {"dropout", "0.5", "before the last layer", kShares},
                        {"validation", "0.2",
                         "share of the rows (of har: of the people) that early stopping watches", kShares},
                        {"test", "0.2", "share of the rows of a file kept for the final test", kShares}},
           .load = activity_windows,
           .build = activity_network,
           .baselines = activity_baselines},
          {.name = "sound",
           .what = "classes of sounds: folio train sound --data FOLDER, one sub-folder per class",
           .rows = "G8",
           .data = {"fsdd"},
           .task = {{60, 40}, 10},
           .training = {.epochs = 15, .batch_size = 32, .learning_rate = 0.002},
           .schedule = "cosine",
           .monitor = "val_accuracy",
           .settings = sound_settings(),
           .load = sound_rows,
           .build = sound_network,
           .baselines = sound_baselines,
           .show = show_sound},
          {.name = "forecast",
           .what = "the next values of a series: folio train forecast --data FILE.csv --target COLUMN",
           .rows = "G9",
           .data = {},
           .task = {{12, 1}, 0},
           .training = {.epochs = 200, .batch_size = 64, .learning_rate = 0.003, .early_stopping = 20},
           .schedule = "constant",
           .monitor = "val_loss",
           .settings =
               {{"network", "gru", "gru, lstm, simple_rnn, conv, dense or linear"},
                {"units", "32", "of the hidden layer", kUnits},
                {"steps", "auto", "values that the network sees, or auto for what the series looks like"},
                {"ahead", "1", "values that are predicted at once", {1, 10'000, true}},
                {"season", "auto", "steps after which the series repeats, or auto for what its dates say"},
                {"difference", "auto",
                 "what the network adds to: none, last (value), season (the value one season before), or "
                 "auto"},
                {"log", "auto", "work with logarithms: yes, no or auto"},
                {"validation",
                 "0.1",
                 "share of the values before the test, or how many, that early stopping watches",
                 {0, 1e9}},
                {"test", "0.15", "share of the last values, or how many, kept for the final test", {0, 1e9}}},
           .load = forecast_data,
           .build = forecast_network,
           .baselines = forecast_baselines},
          {.name = "text",
           .what = "classes of texts: folio train text --data FILE of lines label<TAB>text",
           .rows = "G6 G12",
           .data = {"aclImdb", "rt-polarity"},
           .task = {.input = {400}, .classes = 2, .vocabulary = 20'002},
           .training = {.epochs = 12, .batch_size = 64, .learning_rate = 0.001, .early_stopping = 3},
           .schedule = "constant",
           .monitor = "val_accuracy",
           .settings = text_settings(),
           .load = text_rows,
           .build = text_network,
           .judge = text_scores,
           .baselines = text_baselines},
          {.name = "entities",
           .what = "who and what is named in a text: folio train entities --data FILE.conll",
           .rows = "G7",
           .data = {"wnut17"},
           .task = {.input = {40}, .classes = 13, .vocabulary = 4002, .letters = 102, .word_length = 16},
           .training = {.epochs = 15, .batch_size = 32, .learning_rate = 0.003},
           .schedule = "cosine",
           .monitor = "val_f1",
           .settings = entity_settings(),
           .load = entity_rows,
           .build = entity_network,
           .judge = entity_scores,
           .baselines = entity_baselines},
          {.name = "embeddings",
           .what = "words as vectors, learnt from any text: folio train embeddings --data FILE.txt",
           .rows = "G11",
           .data = {"aclImdb"},
           .task = {.input = {1}, .vocabulary = 30'002},
           .training = {.epochs = 5, .batch_size = 1, .learning_rate = 0.05},
           .schedule = "falling to 0",
           .monitor = "loss",
           .settings = embedding_settings(),
           .load = nullptr,
           .build = embedding_network,
           .train = train_embeddings},
          {.name = "names",
           .what = "the language of a name, or the class of any short text, by its characters",
           .rows = "G3",
           .data = {"names"},
           .task = {.input = {18}, .classes = 18, .vocabulary = 83},
           .training = {.epochs = 20, .batch_size = 32, .learning_rate = 0.001},
           .schedule = "cosine",
           .monitor = "val_accuracy",
           .settings = text_settings({{"network", "simple_rnn"},
                                      {"embedding", "0"},
                                      {"units", "64,32"},
                                      {"dropout", "0"},
                                      {"unit", "character"},
                                      {"strip_html", "no"},
                                      {"lower", "no"},
                                      {"punctuation", "keep"},
                                      {"single", "keep"},
                                      {"duplicates", "drop"},
                                      {"test", "0.2"}}),
           .load = text_rows,
           .build = text_network,
           .judge = text_scores,
           .baselines = text_baselines},
          pair_recipe("reverse", "words backwards, made by the seed: folio train reverse",
                      {{"pairs", "20000", "how many words are made", {100, 1e7, true}}}),
          pair_recipe("dates", "days as people write them, to ISO 8601, made by the seed: folio train dates",
                      {{"pairs", "20000", "how many dates are made", {100, 1e7, true}}}),
          translate_recipe(),
      });
  return all;
}

void compile_for(const Model& model, const RecipeTask& task, const Optimizer& optimizer) {
  const bool one_share = task.classes == 2 && model.outputs()[0].shape()[-1] == 1;
  TrainingOptions options{.optimizer = optimizer, .metrics = {"accuracy"}};
  if (task.reconstructs) {
    options.loss = "mse";
    options.metrics = {"mse"};
  } else if (task.classes == 0) {
    options.loss = "mse";
    options.metrics = {"mae", metrics::R2Score()};
  } else if (one_share) {
    options.loss = "binary_crossentropy";
    options.metrics = {"accuracy", metrics::AUC()};
  } else {
    options.loss = task.vectors ? "categorical_crossentropy" : "sparse_categorical_crossentropy";
  }
  model.compile(options);
}

const Recipe& recipe(const std::string& name) {
  std::vector<std::string> names;
  for (const Recipe& candidate : recipes()) {
    if (candidate.name == name) return candidate;
    names.push_back(candidate.name);
  }
  const std::string near = nearest(name, names);
  throw UsageError(fmt::format("recipe: expected one of {}, got \"{}\"{}", fmt::join(names, ", "), name,
                               near.empty() ? "" : "; did you mean \"" + near + "\"?"));
}

}  // namespace folio
