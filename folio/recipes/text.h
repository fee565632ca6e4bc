// Texts as what recipes train on.
#pragma once
#include <map>
#include <string>
#include <vector>

#include "folio/recipes/recipe.h"

namespace folio {

/// Reads the request's texts, splits them (classes in equal shares everywhere) unless they are divided
/// already, and learns from those for training how text becomes numbers: `text.json` in the model file.
/// Of texts that are there twice with the same label, one is kept where --set duplicates=drop.
RecipeData text_rows(const Recipe& recipe, const RunRequest& request, const Settings& settings);

/// The settings of recipes of texts, with other values of some.
std::vector<Setting> text_settings(const std::map<std::string, std::string>& values = {});

/// The network that --set network= names.
Model text_network(const RecipeTask& task, const Settings& settings);

/// "macro_f1": the mean of the classes' F1, each counting the same however rare it is.
Logs text_scores(const Model& model, const RecipeData& data, const Data& part);

/// What else could be had on the same test texts: always the most frequent class, naive Bayes on words, and
/// logistic regression on words and pairs of them by tf-idf; of characters, both on runs of one to three.
std::vector<Baseline> text_baselines(const Recipe& recipe, const RecipeData& data, const Settings& settings,
                                     const FitOptions& options);

/// How strongly each token speaks for each class, the logarithm of a ratio of shares as naive Bayes has it
/// (Wang, Manning 2012): float32 (vocabulary, classes), for two classes (vocabulary, 1), that of the second.
/// The shares are of the texts that hold a token, each with one added. Rows of tokens that stand for nothing
/// are 0. x: token numbers (texts, length), 0 for none; y: class numbers.
Tensor token_weights(const Tensor& x, const Tensor& y, int64_t vocabulary, int64_t classes);

}  // namespace folio
