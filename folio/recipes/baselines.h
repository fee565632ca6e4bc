// What the comparisons of all recipes share.
#pragma once
#include "folio/recipes/recipe.h"

namespace folio {

/// Always guessing the class that comes most in training: its accuracy on the test rows.
Baseline most_frequent_class(const RecipeData& data);
/// How a model to compare with is trained: quietly, to its end, however long the recipe's own is. `options`:
/// the recipe's.
FitOptions comparison_fit(FitOptions options, int epochs);

}  // namespace folio
