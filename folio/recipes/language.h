// The network of the recipe language-model.
#pragma once
#include "folio/recipes/recipe.h"

namespace folio {

/// A decoder-only Transformer. (models/transformer/language_model.h)
Model language_network(const RecipeTask& task, const Settings& settings);

}  // namespace folio
