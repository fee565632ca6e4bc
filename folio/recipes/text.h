// Texts as what recipes train on.
#pragma once
#include <string>

#include "folio/recipes/recipe.h"

namespace folio {

/// Reads the request's texts, splits them (classes in equal shares everywhere) unless they are divided
/// already, and learns from those for training how text becomes numbers: `text.json` in the model file.
RecipeData text_rows(const Recipe& recipe, const RunRequest& request, const Settings& settings);

/// The network that --set network= names.
Model text_network(const RecipeTask& task, const Settings& settings);

/// What else could be had on the same test texts: always the most frequent class, naive Bayes on words, and
/// logistic regression on words and pairs of them by tf-idf.
std::vector<Baseline> text_baselines(const Recipe& recipe, const RecipeData& data, const Settings& settings,
                                     const FitOptions& options);

/// How strongly each token speaks for each class, the logarithm of a ratio of shares as naive Bayes has it
/// (Wang, Manning 2012): float32 (vocabulary, classes), for two classes (vocabulary, 1), that of the second.
/// The shares are of the texts that hold a token, each with one added. Rows of tokens that stand for nothing
/// are 0. x: token numbers (texts, length), 0 for none; y: class numbers.
Tensor token_weights(const Tensor& x, const Tensor& y, int64_t vocabulary, int64_t classes);

}  // namespace folio
