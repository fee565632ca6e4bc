// The models of the recipes.
#pragma once
#include "folio/recipes/recipe.h"

namespace folio {

Model lenet5(const RecipeTask& task, const Settings& settings);
Model mlp(const RecipeTask& task, const Settings& settings);
Model two_branch(const RecipeTask& task, const Settings& settings);
/// Hidden layers as for pictures; at the end a class share, class shares, or a number in the target's units.
Model table_network(const RecipeTask& task, const Settings& settings);

}  // namespace folio
