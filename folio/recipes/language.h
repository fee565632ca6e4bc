// Plain text as what a recipe trains on, and what the model it makes goes on with.
#pragma once
#include <string>

#include "folio/models/decoding/generate.h"
#include "folio/recipes/recipe.h"

namespace folio {

/// Windows of a text, character by character, each with the same one character later: the first part of the
/// file to train on, then the parts for validation and test.
RecipeData language_windows(const Recipe& recipe, const RunRequest& request, const Settings& settings);
/// A decoder-only Transformer. (models/transformer/language_model.h)
Model language_network(const RecipeTask& task, const Settings& settings);

/// What a model of the recipe says behind `prompt`, without it. An empty prompt is a new line, or the first
/// character there is. Throws `Error` when the model knows no characters, or not those of the prompt.
std::string continued_text(const Model& model, const std::string& prompt, const GenerationOptions& options);

}  // namespace folio
