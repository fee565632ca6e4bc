// The models of recipes that are no published networks (folio/applications has those).
#pragma once
#include "folio/recipes/recipe.h"

namespace folio {

Model mlp(const RecipeTask& task, const Settings& settings);
/// Convolutions that suit the size of the pictures: what the recipe `pictures` trains.
Model picture_network(const RecipeTask& task, const Settings& settings);
Model two_branch(const RecipeTask& task, const Settings& settings);
/// Hidden layers as for pictures; at the end a class share, class shares, or a number in the target's units.
Model table_network(const RecipeTask& task, const Settings& settings);

}  // namespace folio
